/** A window within the page: moved by pointer or arrow keys, in three sizes, above the notebook. */

import type { JSX, TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { CompactRoom } from "./compact.js";
import { Icon } from "./icons.js";
import { remembered } from "./remember.js";
import { strings } from "./strings.js";
import type { RoomView } from "./view.js";

/** Widths to choose from, and what grip and controls add to a 16:10 stage, pixels. */
const WIDTHS = [280, 400, 560] as const;
const FURNITURE = 32 + 52;
/** Distance kept from the page's edge, pixels. */
const EDGE = 12;
/** One press of an arrow key, and with Shift, pixels. */
const STEP = 16;
const LEAP = 96;

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const size = remembered<number>("float-size", 1);

interface Point {
  readonly x: number;
  readonly y: number;
}

export function FloatFrame({
  view,
  onClose,
}: {
  view: RoomView;
  onClose: () => void;
}): JSX.Element {
  const wanted = WIDTHS[size.value] ?? WIDTHS[1];
  const page = usePage();
  const width = Math.min(wanted, page.width - 2 * EDGE);
  const height = Math.min(Math.round(width / 1.6) + FURNITURE, page.height - 2 * EDGE);
  // From the lower right corner, so that it stays there when the page or the window changes size.
  const [corner, setCorner] = useState<Point>({ x: EDGE, y: EDGE });
  const held = useRef<{ pointer: Point; corner: Point } | null>(null);
  const inside = ({ x, y }: Point): Point => ({
    x: Math.max(EDGE, Math.min(page.width - width - EDGE, x)),
    y: Math.max(EDGE, Math.min(page.height - height - EDGE, y)),
  });
  const at = inside(corner);
  const onPointerDown = (event: TargetedPointerEvent<HTMLElement>): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    held.current = { pointer: { x: event.clientX, y: event.clientY }, corner: at };
  };
  const onPointerMove = (event: TargetedPointerEvent<HTMLElement>): void => {
    const from = held.current;
    if (!from) return;
    setCorner({
      x: from.corner.x - (event.clientX - from.pointer.x),
      y: from.corner.y - (event.clientY - from.pointer.y),
    });
  };
  const release = (): void => {
    held.current = null;
    setCorner(inside);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const by = event.shiftKey ? LEAP : STEP;
    setCorner(inside({ x: at.x - way[0] * by, y: at.y - way[1] * by }));
  };
  return (
    <div
      class="mw-float"
      style={{
        right: `${at.x}px`,
        bottom: `${at.y}px`,
        width: `${width}px`,
        height: `${height}px`,
      }}
    >
      <CompactRoom view={view}>
        <div class="mw-float-bar">
          <button
            type="button"
            class="mw-float-grip mw-ellipsis"
            data-testid="mw-float-grip"
            title={strings.floatMove}
            aria-label={`${strings.floatTitle(view.session.room)}. ${strings.floatMove}`}
            onPointerDown={onPointerDown}
            onPointerMove={onPointerMove}
            onPointerUp={release}
            onPointerCancel={release}
            onKeyDown={onKeyDown}
          >
            {view.session.roomInfo.value?.title || view.session.room}
          </button>
          <button
            type="button"
            class="mw-tool"
            title={strings.floatSize}
            aria-label={strings.floatSize}
            data-testid="mw-float-size"
            onClick={() => {
              size.value = (size.value + 1) % WIDTHS.length;
            }}
          >
            <Icon name="resize" size={16} />
          </button>
          <button
            type="button"
            class="mw-tool"
            title={strings.floatEnd}
            aria-label={strings.floatEnd}
            data-testid="mw-float-close"
            onClick={onClose}
          >
            <Icon name="close" size={16} />
          </button>
        </div>
      </CompactRoom>
    </div>
  );
}

function usePage(): { width: number; height: number } {
  const read = () => ({ width: innerWidth, height: innerHeight });
  const [page, setPage] = useState(read);
  useEffect(() => {
    const abort = new AbortController();
    addEventListener("resize", () => setPage(read()), { signal: abort.signal });
    return () => abort.abort();
  }, []);
  return page;
}
