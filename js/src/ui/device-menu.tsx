/** What hangs on the devices' buttons: which microphone, speaker and camera to use. */

import type { JSX } from "preact";
import type { DeviceChoice, MediaEngine } from "../media/index.js";
import { Icon } from "./icons.js";
import { strings } from "./strings.js";

interface ListProps {
  readonly label: string;
  readonly choice: DeviceChoice;
  readonly onChoose: (id: string) => void;
}

/** Stays open after a choice: the meter or the test tone says whether it was a good one. */
function DeviceList({ label, choice, onChoose }: ListProps): JSX.Element | null {
  if (choice.options.length === 0) return null;
  const chosen = choice.options.some(({ id }) => id === choice.chosen)
    ? choice.chosen
    : choice.options[0]?.id;
  return (
    <section class="mw-menu-group">
      <b>{label}</b>
      <ul aria-label={label}>
        {choice.options.map((option) => (
          <li key={option.id}>
            <button
              type="button"
              class="mw-menu-item"
              aria-pressed={option.id === chosen}
              onClick={() => onChoose(option.id)}
            >
              <span class="mw-menu-mark">
                {option.id === chosen && <Icon name="check" size={16} />}
              </span>
              <span class="mw-ellipsis">{option.label}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Microphone with its level, and the speaker with a test. */
export function MicrophoneMenu({ engine }: { engine: MediaEngine }): JSX.Element {
  return (
    <>
      <DeviceList
        label={strings.chooseMicrophone}
        choice={engine.microphones.value}
        onChoose={(id) => void engine.chooseMicrophone(id)}
      />
      <LevelMeter engine={engine} />
      <DeviceList
        label={strings.chooseSpeaker}
        choice={engine.speakers.value}
        onChoose={(id) => void engine.chooseSpeaker(id)}
      />
      <SpeakerTest engine={engine} />
    </>
  );
}

export function CameraMenu({ engine }: { engine: MediaEngine }): JSX.Element {
  return (
    <DeviceList
      label={strings.chooseCamera}
      choice={engine.cameras.value}
      onChoose={(id) => void engine.chooseCamera(id)}
    />
  );
}

export function SpeakerTest({ engine }: { engine: MediaEngine }): JSX.Element {
  return (
    <button
      type="button"
      class="mw-outline mw-test-speaker"
      data-testid="mw-test-speaker"
      onClick={() => engine.testSpeaker()}
    >
      <Icon name="volume" size={16} />
      {strings.testSpeaker}
    </button>
  );
}

/** How loud the microphone hears. */
export function LevelMeter({ engine }: { engine: MediaEngine }): JSX.Element {
  const level = engine.ownLevel.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <meter> cannot move without a new layout
    <div
      class="mw-meter"
      role="meter"
      aria-label={strings.microphoneLevel}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(level * 100)}
      data-testid="mw-meter"
    >
      <i style={{ transform: `scaleX(${level.toFixed(2)})` }} />
    </div>
  );
}
