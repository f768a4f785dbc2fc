/** A small card that hangs on a button, above everything, closed by Escape or a click outside. */

import type { ComponentChildren, JSX, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** Pixels between a popover and its button, and the window's edge. */
const MARGIN = 8;

interface Props {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly className?: string;
}

export function Popover({ anchor, label, onClose, children, className }: Props): JSX.Element {
  const card = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useLayoutEffect(() => {
    const element = card.current;
    const button = anchor.current;
    if (!element || !button) return;
    const page = element.ownerDocument;
    // The top layer, so that neither the cell's output nor the frame cuts it off.
    element.showPopover?.();
    const at = button.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    const above = at.top - 2 * MARGIN;
    const below = page.documentElement.clientHeight - at.bottom - 2 * MARGIN;
    const up = box.height <= above || above > below;
    const height = Math.min(box.height, up ? above : below);
    const top = up ? at.top - MARGIN - height : at.bottom + MARGIN;
    // What does not fit on either side scrolls.
    if (height < box.height) element.style.maxHeight = `${Math.floor(height)}px`;
    const left = at.left + at.width / 2 - box.width / 2;
    const most = page.documentElement.clientWidth - box.width - MARGIN;
    element.style.top = `${Math.round(top)}px`;
    element.style.left = `${Math.round(Math.max(MARGIN, Math.min(most, left)))}px`;
    element.querySelector<HTMLElement>("[data-first],button,input")?.focus({ preventScroll: true });
    return () => {
      if (element.contains(page.activeElement)) button.focus({ preventScroll: true });
    };
  }, [anchor]);
  useEffect(() => {
    // The float's window has a document of its own.
    const page = card.current?.ownerDocument ?? document;
    const abort = new AbortController();
    const options = { capture: true, signal: abort.signal };
    const outside = (event: Event): void => {
      const target = event.target as Node;
      // One that was replaced by another hears until the next frame.
      if (!card.current || card.current.contains(target)) return;
      if (anchor.current?.contains(target)) return;
      close.current();
    };
    page.addEventListener("pointerdown", outside, options);
    page.addEventListener("focusin", outside, options);
    // Where the button moves away; a chat that scrolls by itself elsewhere is no reason.
    const moved = (event: Event): void => {
      if ((event.target as Node).contains(anchor.current)) close.current();
    };
    page.addEventListener("scroll", moved, options);
    page.defaultView?.addEventListener("resize", () => close.current(), options);
    return () => abort.abort();
  }, [anchor]);
  return (
    <div
      class={`mw-popover ${className ?? ""}`}
      ref={card}
      popover="manual"
      // Else a click on its words would take the focus out of it.
      tabIndex={-1}
      role="dialog"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        anchor.current?.focus({ preventScroll: true });
        close.current();
      }}
    >
      {children}
    </div>
  );
}
