/** The arrow beside a device's button: which of several cameras or microphones to use. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { DeviceChoice } from "../media/index.js";
import { Icon } from "./icons.js";
import { Popover } from "./popover.js";

interface Props {
  readonly label: string;
  readonly choice: DeviceChoice;
  readonly onChoose: (id: string) => void;
}

export function DeviceMenu({ label, choice, onChoose }: Props): JSX.Element {
  const arrow = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const chosen = choice.chosen ?? choice.options[0]?.id;
  return (
    <>
      <button
        type="button"
        class="mw-arrow"
        ref={arrow}
        title={label}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="chevron" size={16} />
      </button>
      {open && (
        <Popover anchor={arrow} label={label} onClose={() => setOpen(false)} className="mw-menu">
          <b>{label}</b>
          <ul>
            {choice.options.map((option) => (
              <li key={option.id}>
                <button
                  type="button"
                  class="mw-menu-item"
                  aria-pressed={option.id === chosen}
                  onClick={() => {
                    onChoose(option.id);
                    setOpen(false);
                  }}
                >
                  <span class="mw-menu-mark">
                    {option.id === chosen && <Icon name="check" size={16} />}
                  </span>
                  <span class="mw-ellipsis">{option.label}</span>
                </button>
              </li>
            ))}
          </ul>
        </Popover>
      )}
    </>
  );
}
