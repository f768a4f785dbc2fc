/** A figure that is drawn here, from its data; until the part for it has come, room is kept. */

import type { ComponentChildren, JSX } from "preact";
import { useContext, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Around } from "./around.js";
import type { Figure } from "./figure-data.js";

export function FigureCard({
  figure,
  from,
  otherwise,
}: {
  readonly figure: Figure;
  readonly from: string;
  /** Shown where it cannot be drawn. */
  readonly otherwise: () => ComponentChildren;
}): JSX.Element {
  const { words } = useContext(Around);
  const host = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"coming" | "drawn" | "failed">("coming");
  useLayoutEffect(() => {
    let purge: (() => void) | null = null;
    let gone = false;
    const show = async (): Promise<void> => {
      const { drawFigure } = await import("./draw-figure.js");
      if (gone || !host.current) return;
      const drawing = drawFigure(host.current, figure);
      purge = drawing.purge;
      await drawing.drawn;
    };
    show().then(
      () => gone || setState("drawn"),
      () => gone || setState("failed"),
    );
    return () => {
      gone = true;
      purge?.();
    };
  }, [figure]);
  if (state === "failed") return <>{otherwise()}</>;
  const names = [...new Set(figure.names)].join(", ");
  const label = [figure.title ?? words.imageFrom(from), names].filter(Boolean).join(": ");
  return (
    <div class="mw-figure" data-state={state}>
      {figure.title !== null && <p class="mw-figure-title">{figure.title}</p>}
      <div class="mw-plot" role="img" aria-label={label} ref={host} dir="ltr" />
    </div>
  );
}
