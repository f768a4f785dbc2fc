/** The round buttons of the control bar and the preview. */

import type { ComponentChildren, JSX } from "preact";
import { Icon, type IconName } from "./icons.js";

interface Props {
  readonly icon: IconName;
  /** What it is, whatever its state: the accessible name. */
  readonly name: string;
  /** What a click does: the tooltip. */
  readonly label: string;
  readonly pressed: boolean;
  readonly tone: "plain" | "off" | "amber" | "accent";
  readonly testId: string;
  readonly onClick: () => void;
  readonly busy?: boolean;
  readonly warn?: boolean;
  readonly disabled?: boolean;
  /** Why it may not be used: then it can be reached, to read that, and does nothing. */
  readonly refused?: string | undefined;
  /** Keys that do the same, as `aria-keyshortcuts` names them. */
  readonly keys?: string | undefined;
  readonly children?: ComponentChildren;
}

export function RoundButton(props: Props): JSX.Element {
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
      aria-keyshortcuts={props.keys}
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
