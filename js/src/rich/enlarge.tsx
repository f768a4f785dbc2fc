/** Shows what a card has in a window of its own: a chat is narrow, tables and figures are not. */

import type { ComponentChildren, JSX } from "preact";
import { useContext, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Around } from "./around.js";

export function Enlargeable({
  show,
}: {
  /** Draws it, once in the card and once more when it is large. */
  readonly show: () => ComponentChildren;
}): JSX.Element {
  const { words } = useContext(Around);
  const [large, setLarge] = useState(false);
  return (
    <div class="mw-enlargeable">
      {show()}
      <button
        type="button"
        class="mw-enlarge"
        title={words.enlarge}
        aria-label={words.enlarge}
        aria-haspopup="dialog"
        onClick={() => setLarge(true)}
      >
        <svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true">
          <path
            d="M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7"
            fill="none"
            stroke="currentColor"
            stroke-width="2"
          />
        </svg>
      </button>
      {large && <Large onClose={() => setLarge(false)}>{show()}</Large>}
    </div>
  );
}

function Large({
  children,
  onClose,
}: {
  readonly children: ComponentChildren;
  readonly onClose: () => void;
}): JSX.Element {
  const { words } = useContext(Around);
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = dialog.current?.ownerDocument.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => before?.focus({ preventScroll: true });
  }, []);
  return (
    <dialog
      class="mw-large"
      ref={dialog}
      aria-label={words.output}
      onClose={onClose}
      // The notebook has keys of its own for what is typed here.
      onKeyDown={(event) => event.stopPropagation()}
      onClick={(event) => {
        // Beside it.
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div class="mw-large-content">
        {children}
        <button type="button" class="mw-link" onClick={onClose}>
          {words.close}
        </button>
      </div>
    </dialog>
  );
}
