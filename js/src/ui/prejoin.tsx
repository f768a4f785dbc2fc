/** Before the meeting: how one will be seen and heard. Nothing is opened before a click. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { DeviceChoice, MediaEngine } from "../media/index.js";
import { CameraButton, MicrophoneButton, publishRefused } from "./device-buttons.js";
import { LevelMeter, SpeakerTest } from "./device-menu.js";
import { useVisible } from "./hooks.js";
import { Icon, type IconName } from "./icons.js";
import { DeviceLines, Notices } from "./lines.js";
import { SelfPicture } from "./picture.js";
import { strings } from "./strings.js";
import { useRoom } from "./view.js";

interface Props {
  readonly title: string;
  readonly text: string;
  readonly testId: string;
  readonly children: ComponentChildren;
}

/** The preview, what to do beside or below it, and the choice of devices. */
export function PreJoin({ title, text, testId, children }: Props): JSX.Element {
  const view = useRoom();
  const { engine } = view;
  const able =
    engine !== null &&
    (engine.capability.value.camera || engine.capability.value.microphone) &&
    publishRefused(view) === undefined;
  return (
    <>
      <div class="mw-prejoin" data-testid={testId}>
        {able && <Preview engine={engine} />}
        <div class="mw-prejoin-words">
          <h3>{title}</h3>
          <p>{text}</p>
          <div class="mw-state-actions">{children}</div>
        </div>
        {able && <Pickers engine={engine} />}
        <Notices />
      </div>
      <DeviceLines />
    </>
  );
}

function Preview({ engine }: { engine: MediaEngine }): JSX.Element {
  const [ref, visible] = useVisible();
  useEffect(() => () => engine.stopPreview(), [engine]);
  const media = engine.selfStream.value;
  const camera = engine.camera.value.kind;
  const microphone = engine.microphone.value.kind;
  const dark = media === null && camera !== "starting";
  const silent = microphone !== "on" && microphone !== "starting";
  return (
    <div
      class="mw-preview"
      ref={(element) => {
        ref.current = element;
      }}
      data-testid="mw-preview"
    >
      {media ? (
        <SelfPicture media={media} visible={visible} />
      ) : (
        <span class="mw-preview-off">
          <Icon name={dark ? "cameraOff" : "camera"} size={32} />
          {dark ? strings.cameraIsOff : strings.starting}
          {dark && silent && <TurnOn engine={engine} />}
        </span>
      )}
      <div class="mw-preview-controls">
        <MicrophoneButton engine={engine} menu={false} />
        <CameraButton engine={engine} menu={false} />
      </div>
    </div>
  );
}

/** One click for what this person had on last time. */
function TurnOn({ engine }: { engine: MediaEngine }): JSX.Element {
  const camera = engine.wished("camera");
  const microphone = engine.wished("microphone");
  const what =
    camera === microphone
      ? strings.previewBoth
      : camera
        ? strings.previewCamera
        : strings.previewMicrophone;
  return (
    <button
      type="button"
      class="mw-preview-start"
      data-testid="mw-preview-start"
      onClick={() => void engine.startPreview()}
    >
      {what}
    </button>
  );
}

/** The browser names devices only after one was allowed. */
function Pickers({ engine }: { engine: MediaEngine }): JSX.Element {
  const listening = engine.microphone.value.kind === "on";
  return (
    <div class="mw-pickers">
      <Picker
        icon="camera"
        label={strings.chooseCamera}
        choice={engine.cameras.value}
        testId="mw-choose-camera"
        onChoose={(id) => void engine.chooseCamera(id)}
      />
      <Picker
        icon="microphone"
        label={strings.chooseMicrophone}
        choice={engine.microphones.value}
        testId="mw-choose-microphone"
        onChoose={(id) => void engine.chooseMicrophone(id)}
      />
      {listening && <LevelMeter engine={engine} />}
      <Picker
        icon="volume"
        label={strings.chooseSpeaker}
        choice={engine.speakers.value}
        testId="mw-choose-speaker"
        onChoose={(id) => void engine.chooseSpeaker(id)}
      >
        <SpeakerTest engine={engine} />
      </Picker>
    </div>
  );
}

interface PickerProps {
  readonly icon: IconName;
  readonly label: string;
  readonly choice: DeviceChoice;
  readonly testId: string;
  readonly onChoose: (id: string) => void;
  readonly children?: ComponentChildren;
}

function Picker(props: PickerProps): JSX.Element | null {
  const { options, chosen } = props.choice;
  if (options.length === 0) return null;
  return (
    <div class="mw-picker">
      <label title={props.label}>
        <Icon name={props.icon} size={16} />
        <select
          aria-label={props.label}
          value={options.some(({ id }) => id === chosen) ? (chosen ?? "") : options[0]?.id}
          data-testid={props.testId}
          onChange={(event) => props.onChoose(event.currentTarget.value)}
        >
          {options.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {props.children}
    </div>
  );
}
