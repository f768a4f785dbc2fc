/** Microphone, camera, hand, reactions and leave. */

import type { ComponentChildren, JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { DeviceChoice, DeviceState, MediaEngine } from "../media/index.js";
import { DeviceMenu } from "./device-menu.js";
import { EmojiPicker } from "./emoji.js";
import { Icon, type IconName } from "./icons.js";
import { strings } from "./strings.js";
import { useRoom } from "./view.js";

export function Controls(): JSX.Element {
  const { session, engine, state } = useRoom();
  const you = session.you.value;
  const hand = you?.state.hand === true;
  const offline = session.phase.value.kind !== "live";
  const smile = useRef<HTMLButtonElement>(null);
  const [picking, setPicking] = useState(false);
  return (
    <div class="mw-controls" role="toolbar" aria-label={strings.controls}>
      {engine && <Microphone engine={engine} />}
      {engine && <Camera engine={engine} />}
      <RoundButton
        icon="hand"
        name={strings.hand}
        label={hand ? strings.handLower : strings.handRaise}
        pressed={hand}
        tone={hand ? "amber" : "plain"}
        testId="mw-hand"
        disabled={offline}
        onClick={() => session.setState({ hand: !hand })}
      />
      <button
        type="button"
        class="mw-round"
        ref={smile}
        title={strings.react}
        aria-label={strings.react}
        aria-haspopup="dialog"
        aria-expanded={picking}
        disabled={offline}
        data-testid="mw-react"
        onClick={() => setPicking(!picking)}
      >
        <Icon name="smile" />
      </button>
      {picking && (
        <EmojiPicker
          anchor={smile}
          onClose={() => setPicking(false)}
          onPick={(emoji) => {
            session.sendReaction(emoji);
            setPicking(false);
          }}
        />
      )}
      <button
        type="button"
        class="mw-leave"
        title={strings.leaveLong}
        aria-label={strings.leaveLong}
        data-testid="mw-leave"
        onClick={() => {
          state.since.value = null;
          session.leave();
        }}
      >
        <Icon name="leave" />
        <span class="mw-leave-word">{strings.leave}</span>
      </button>
    </div>
  );
}

function Microphone({ engine }: { engine: MediaEngine }): JSX.Element {
  const { session } = useRoom();
  const device = engine.microphone.value;
  const you = session.you.value?.id;
  const level = device.kind === "on" && you ? (engine.levels.value.get(you) ?? 0) : 0;
  return (
    <DeviceButton
      device={device}
      possible={engine.capability.value.microphone}
      icons={["microphone", "microphoneOff"]}
      name={strings.microphone}
      labels={[strings.microphoneOff, strings.microphoneOn]}
      testId="mw-mic"
      choice={engine.microphones.value}
      choiceLabel={strings.chooseMicrophone}
      onChoose={(id) => void engine.chooseMicrophone(id)}
      onClick={() => void engine.toggleMicrophone()}
    >
      <span class="mw-level">
        <i style={{ transform: `scaleY(${level.toFixed(2)})` }} />
      </span>
    </DeviceButton>
  );
}

function Camera({ engine }: { engine: MediaEngine }): JSX.Element {
  return (
    <DeviceButton
      device={engine.camera.value}
      possible={engine.capability.value.camera}
      icons={["camera", "cameraOff"]}
      name={strings.camera}
      labels={[strings.cameraOff, strings.cameraOn]}
      testId="mw-cam"
      choice={engine.cameras.value}
      choiceLabel={strings.chooseCamera}
      onChoose={(id) => void engine.chooseCamera(id)}
      onClick={() => void engine.toggleCamera()}
    />
  );
}

interface DeviceProps {
  readonly device: DeviceState;
  readonly possible: boolean;
  readonly icons: readonly [on: IconName, off: IconName];
  readonly name: string;
  readonly labels: readonly [turnOff: string, turnOn: string];
  readonly testId: string;
  readonly choice: DeviceChoice;
  readonly choiceLabel: string;
  readonly onChoose: (id: string) => void;
  readonly onClick: () => void;
  readonly children?: ComponentChildren;
}

function DeviceButton(props: DeviceProps): JSX.Element {
  const { session } = useRoom();
  const { device, icons, labels } = props;
  const observer = session.you.value?.role === "observer";
  const refused = session.rights.value.publish
    ? undefined
    : observer
      ? strings.noPublishObserver
      : strings.noPublish;
  const on = device.kind === "on";
  const failed = device.kind === "denied" || device.kind === "missing" || device.kind === "busy";
  const several = props.possible && refused === undefined && props.choice.options.length > 1;
  return (
    <span class="mw-split" data-tone={on ? "plain" : "off"} data-several={several}>
      <RoundButton
        icon={on ? icons[0] : icons[1]}
        name={props.name}
        label={device.kind === "starting" ? strings.starting : on ? labels[0] : labels[1]}
        pressed={on}
        tone={on ? "plain" : "off"}
        busy={device.kind === "starting"}
        warn={failed}
        disabled={!props.possible}
        refused={refused}
        testId={props.testId}
        onClick={props.onClick}
      >
        {on && props.children}
      </RoundButton>
      {several && (
        <DeviceMenu label={props.choiceLabel} choice={props.choice} onChoose={props.onChoose} />
      )}
    </span>
  );
}

interface RoundProps {
  readonly icon: IconName;
  /** What it is, whatever its state: the accessible name. */
  readonly name: string;
  /** What a click does: the tooltip. */
  readonly label: string;
  readonly pressed: boolean;
  readonly tone: "plain" | "off" | "amber";
  readonly testId: string;
  readonly onClick: () => void;
  readonly busy?: boolean;
  readonly warn?: boolean;
  readonly disabled?: boolean;
  /** Why it may not be used: then it can be reached, to read that, and does nothing. */
  readonly refused?: string | undefined;
  readonly children?: ComponentChildren;
}

function RoundButton(props: RoundProps): JSX.Element {
  return (
    <button
      type="button"
      class="mw-round"
      data-tone={props.tone}
      data-busy={props.busy === true}
      data-testid={props.testId}
      title={props.refused ?? props.label}
      aria-label={props.name}
      aria-pressed={props.pressed}
      aria-disabled={props.refused !== undefined}
      aria-busy={props.busy === true}
      disabled={props.disabled === true}
      onClick={props.refused === undefined ? props.onClick : undefined}
    >
      {props.children}
      <Icon name={props.icon} />
      {props.warn && <span class="mw-round-warn">!</span>}
    </button>
  );
}
