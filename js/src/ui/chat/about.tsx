/** A line above the composer that says something of the next message, and takes it back. */

import type { ComponentChildren, JSX } from "preact";
import { Icon, type IconName } from "../icons.js";
import { ToolButton } from "../tool-button.js";

interface Props {
  readonly icon?: IconName;
  /** What the button at the end does. */
  readonly end: string;
  readonly onEnd: () => void;
  readonly children: ComponentChildren;
  readonly className?: string;
  readonly testId?: string;
}

export function About({ icon, end, onEnd, children, className, testId }: Props): JSX.Element {
  return (
    <div class={`mw-about ${className ?? ""}`} data-testid={testId}>
      {icon && <Icon name={icon} size={14} />}
      {children}
      <span class="mw-space" />
      <ToolButton icon="close" label={end} size={14} onClick={onEnd} />
    </div>
  );
}
