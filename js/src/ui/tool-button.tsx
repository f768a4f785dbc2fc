/** A small square button that shows an icon; its label is its name and its tooltip. */

import type { JSX, RefObject } from "preact";
import { Icon, type IconName } from "./icons.js";

interface Props {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  /** Of the icon, pixels. */
  readonly size?: number;
  readonly testId?: string;
  readonly className?: string;
  readonly disabled?: boolean;
  /** Of a button that opens something: where that hangs, and whether it is open. */
  readonly opens?: { readonly anchor: RefObject<HTMLButtonElement | null>; readonly open: boolean };
}

export function ToolButton({
  icon,
  label,
  onClick,
  size = 16,
  testId,
  className = "",
  disabled = false,
  opens,
}: Props): JSX.Element {
  return (
    <button
      type="button"
      class={`mw-tool ${className}`}
      ref={opens?.anchor}
      title={label}
      aria-label={label}
      aria-haspopup={opens && "dialog"}
      aria-expanded={opens?.open}
      data-testid={testId}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} size={size} />
    </button>
  );
}
