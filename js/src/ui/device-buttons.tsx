/** The buttons of microphone, camera and screen, in the control bar and before the meeting. */

import type { ComponentChildren, JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { DeviceState, MediaEngine } from "../media/index.js";
import { CameraMenu, MicrophoneMenu } from "./device-menu.js";
import { Icon, type IconName } from "./icons.js";
import { Popover } from "./popover.js";
import { RoundButton } from "./round-button.js";
import { strings } from "./strings.js";
import { type RoomView, useRoom } from "./view.js";

/** Why this person may not share anything here; undefined if they may. */
export function publishRefused({ session }: RoomView): string | undefined {
  if (session.rights.value.publish) return undefined;
  const observer = session.you.value?.role === "observer";
  return observer ? strings.noPublishObserver : strings.noPublish;
}

/** `menu`: with the arrow that leads to the choice of devices. */
interface Props {
  readonly engine: MediaEngine;
  readonly menu: boolean;
}

export function MicrophoneButton({ engine, menu }: Props): JSX.Element {
  return (
    <DeviceButton
      device={engine.microphone.value}
      possible={engine.capability.value.microphone}
      icons={["microphone", "microphoneOff"]}
      name={strings.microphone}
      labels={[strings.microphoneOff, strings.microphoneOn]}
      keys="M"
      testId="mw-mic"
      menu={
        menu && engine.microphones.value.options.length > 0 ? (
          <MicrophoneMenu engine={engine} />
        ) : null
      }
      menuLabel={strings.soundMenu}
      hint={<MutedHint engine={engine} />}
      onClick={() => void engine.toggleMicrophone()}
    >
      <Level engine={engine} />
    </DeviceButton>
  );
}

/** How loud one is oneself: the answer to "is my microphone working?". */
function Level({ engine }: { engine: MediaEngine }): JSX.Element {
  return (
    <span class="mw-level">
      <i style={{ transform: `scaleY(${engine.ownLevel.value.toFixed(2)})` }} />
    </span>
  );
}

export function CameraButton({ engine, menu }: Props): JSX.Element {
  return (
    <DeviceButton
      device={engine.camera.value}
      possible={engine.capability.value.camera}
      icons={["camera", "cameraOff"]}
      name={strings.camera}
      labels={[strings.cameraOff, strings.cameraOn]}
      keys="V"
      testId="mw-cam"
      menu={menu && engine.cameras.value.options.length > 1 ? <CameraMenu engine={engine} /> : null}
      menuLabel={strings.chooseCamera}
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
  readonly keys: string;
  readonly testId: string;
  readonly menu: JSX.Element | null;
  readonly menuLabel: string;
  readonly hint?: JSX.Element;
  readonly onClick: () => void;
  readonly children?: ComponentChildren;
}

function DeviceButton(props: DeviceProps): JSX.Element {
  const { device, icons, labels } = props;
  const refused = publishRefused(useRoom());
  const on = device.kind === "on";
  const failed = device.kind === "denied" || device.kind === "missing" || device.kind === "busy";
  const menu = props.possible && refused === undefined ? props.menu : null;
  return (
    <span class="mw-split" data-tone={on ? "plain" : "off"} data-several={menu !== null}>
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
        keys={props.keys}
        testId={props.testId}
        onClick={props.onClick}
      >
        {on && props.children}
      </RoundButton>
      {menu && (
        <MenuButton label={props.menuLabel} testId={`${props.testId}-menu`} className="mw-arrow">
          {menu}
        </MenuButton>
      )}
      {props.hint}
    </span>
  );
}

interface MenuProps {
  readonly label: string;
  readonly testId: string;
  readonly className: string;
  readonly children: ComponentChildren;
}

/** A button and the card that hangs on it. */
function MenuButton({ label, testId, className, children }: MenuProps): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class={className}
        ref={button}
        title={label}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-testid={testId}
        onClick={() => setOpen(!open)}
      >
        <Icon name={className === "mw-arrow" ? "chevron" : "settings"} size={16} />
      </button>
      {open && (
        <Popover anchor={button} label={label} onClose={() => setOpen(false)} className="mw-menu">
          {children}
        </Popover>
      )}
    </>
  );
}

/** Where there is no room for arrows: all devices behind one button. */
export function DevicesButton({ engine }: { engine: MediaEngine }): JSX.Element | null {
  const { microphones, cameras, capability } = engine;
  const known = microphones.value.options.length + cameras.value.options.length > 0;
  if (!capability.value.microphone || !known || publishRefused(useRoom()) !== undefined)
    return null;
  return (
    <MenuButton label={strings.devices} testId="mw-devices" className="mw-round mw-narrow-only">
      <MicrophoneMenu engine={engine} />
      <CameraMenu engine={engine} />
    </MenuButton>
  );
}

/** Beside the microphone: somebody speaks and nobody hears them. */
function MutedHint({ engine }: { engine: MediaEngine }): JSX.Element {
  const { session } = useRoom();
  const shown = engine.mutedSpeech.value && session.phase.value.kind === "live";
  // The region is there before its text, so that screen readers say it.
  return (
    <span class="mw-muted-hint" role="status" data-shown={shown} data-testid="mw-muted-hint">
      {shown && strings.youAreMuted}
    </span>
  );
}

export function ScreenButton({ engine }: { engine: MediaEngine }): JSX.Element {
  const device = engine.screen.value;
  const view = useRoom();
  const refused =
    publishRefused(view) ?? (device.kind === "unsupported" ? device.reason : undefined);
  const on = device.kind === "on";
  return (
    <RoundButton
      icon="screen"
      name={strings.shareScreen}
      label={on ? strings.shareScreenOff : strings.shareScreenOn}
      pressed={on}
      tone={on ? "accent" : "plain"}
      busy={device.kind === "starting"}
      disabled={!on && view.session.phase.value.kind !== "live"}
      refused={refused}
      testId="mw-screen"
      onClick={() => void engine.toggleScreen()}
    />
  );
}
