/** Picks an emoji: a short row for reactions, a small table for writing. */

import type { JSX, RefObject, TargetedKeyboardEvent } from "preact";
import { Popover } from "./popover.js";
import { strings } from "./strings.js";

/** Said to everyone in passing, or put on a message. */
export const QUICK = ["👍", "👏", "❤️", "😂", "😮", "🎉", "🤔", "👀"] as const;

const MORE = [
  ...["🙂", "😀", "😅", "😊", "😉", "😍", "😎", "🥳"],
  ...["😕", "😢", "😡", "😴", "🤯", "🙈", "🙏", "💪"],
  ...["👎", "👋", "🤝", "✌️", "👌", "🙌", "☝️", "🫡"],
  ...["✅", "❌", "❓", "❗", "⚠️", "💡", "🔥", "✨"],
  ...["📈", "📉", "🧪", "🐍", "🐛", "💻", "☕", "🚀"],
] as const;

/** All that the table offers. */
export const USUAL: readonly string[] = [...QUICK, ...MORE];

interface Props {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly all?: boolean;
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/** Pixels a focus move by the vertical arrow keys skips: one row of eight. */
const PER_ROW = 8;

export function EmojiPicker({ anchor, all, onPick, onClose }: Props): JSX.Element {
  const list = all ? USUAL : QUICK;
  const move = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: PER_ROW,
      ArrowUp: -PER_ROW,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = [...event.currentTarget.querySelectorAll("button")];
    const next = buttons.indexOf(document.activeElement as HTMLButtonElement) + step;
    buttons[Math.max(0, Math.min(buttons.length - 1, next))]?.focus();
  };
  return (
    <Popover anchor={anchor} label={strings.emojiPicker} onClose={onClose} className="mw-emoji">
      <div class="mw-emoji-table" role="toolbar" aria-label={strings.emojiPicker} onKeyDown={move}>
        {list.map((emoji) => (
          <button type="button" key={emoji} onClick={() => onPick(emoji)}>
            {emoji}
          </button>
        ))}
      </div>
    </Popover>
  );
}
