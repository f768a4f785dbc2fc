/** Microphone, camera, screen, hand, reactions and leave. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { CameraButton, DevicesButton, MicrophoneButton, ScreenButton } from "./device-buttons.js";
import { EmojiPicker } from "./emoji.js";
import { Icon } from "./icons.js";
import { RoundButton } from "./round-button.js";
import { strings } from "./strings.js";
import { useRoom } from "./view.js";

export function Controls(): JSX.Element {
  const { session, engine, state } = useRoom();
  const you = session.you.value;
  const hand = you?.state.hand === true;
  const offline = session.phase.value.kind !== "live";
  return (
    <div class="mw-controls" role="toolbar" aria-label={strings.controls}>
      {engine && (
        <>
          <MicrophoneButton engine={engine} menu />
          <CameraButton engine={engine} menu />
          <DevicesButton engine={engine} />
          <ScreenButton engine={engine} />
        </>
      )}
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
      <React disabled={offline} />
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

function React({ disabled }: { disabled: boolean }): JSX.Element {
  const { session } = useRoom();
  const smile = useRef<HTMLButtonElement>(null);
  const [picking, setPicking] = useState(false);
  return (
    <>
      <button
        type="button"
        class="mw-round"
        ref={smile}
        title={strings.react}
        aria-label={strings.react}
        aria-haspopup="dialog"
        aria-expanded={picking}
        disabled={disabled}
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
    </>
  );
}
