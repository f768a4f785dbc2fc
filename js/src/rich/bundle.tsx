/** A MIME bundle as a card. */

import type { JSX } from "preact";
import { useContext, useMemo } from "preact/hooks";
import { Ansi } from "./ansi.js";
import { Around } from "./around.js";
import { CellCard } from "./cell-card.js";
import { CodeCard } from "./code-card.js";
import { Enlargeable } from "./enlarge.js";
import { FigureCard } from "./figure-card.js";
import { Formula } from "./formula.js";
import { HtmlCard } from "./html-card.js";
import { choose, chooseUndrawn, type Shown } from "./mime.js";
import { Prose } from "./prose.js";
import type { MimeBundle } from "./types.js";

/** What may be wider than a chat. */
const LARGE: ReadonlySet<string> = new Set([
  "picture",
  "figure",
  "html",
  "latex",
  "markdown",
  "text",
]);

export function Bundle({
  data,
  from,
}: {
  readonly data: MimeBundle;
  readonly from: string;
}): JSX.Element {
  const shown = useMemo(() => choose(data), [data]);
  if (shown.kind === "cell") return <CellCard cell={shown.cell} from={from} />;
  if (shown.kind === "json") return <CodeCard text={shown.text} language="json" insertAs={null} />;
  return (
    <figure class="mw-output-card" data-kind={shown.kind}>
      {LARGE.has(shown.kind) ? (
        <Enlargeable show={() => <Output data={data} from={from} />} />
      ) : (
        <Output data={data} from={from} />
      )}
    </figure>
  );
}

/** What a bundle shows, without a card around it. */
export function Output({
  data,
  from,
}: {
  readonly data: MimeBundle;
  readonly from: string;
}): JSX.Element {
  const shown = useMemo(() => choose(data), [data]);
  if (shown.kind !== "figure") return <Plain shown={shown} data={data} from={from} />;
  return (
    <FigureCard
      figure={shown.figure}
      from={from}
      otherwise={() => <Plain shown={chooseUndrawn(data)} data={data} from={from} />}
    />
  );
}

function Plain({
  shown,
  data,
  from,
}: {
  readonly shown: Shown;
  readonly data: MimeBundle;
  readonly from: string;
}): JSX.Element {
  const { words } = useContext(Around);
  switch (shown.kind) {
    case "cell":
      return <CellCard cell={shown.cell} from={from} />;
    case "picture":
      return (
        <img
          class="mw-picture"
          src={shown.src}
          alt={altOf(data) ?? words.imageFrom(from)}
          width={shown.size?.width}
          height={shown.size?.height}
          decoding="async"
        />
      );
    case "html":
      return <HtmlCard html={shown.html} text={shown.text} />;
    case "latex":
      return (
        <div class="mw-output-math">
          <Formula tex={shown.tex} display />
        </div>
      );
    case "markdown":
      return (
        <div class="mw-output-prose">
          <Prose body={shown.body} />
        </div>
      );
    case "json":
      return <Ansi text={shown.text} />;
    case "text":
      return <Ansi text={shown.text} />;
    case "figure":
    case "plot":
      return <p class="mw-cannot">{words.cannotShowPlot}</p>;
    case "none":
      return <p class="mw-cannot">{words.cannotShow(shown.types.slice(0, 4).join(", "))}</p>;
  }
}

/** `<Figure size 640x480 with 1 Axes>` says nothing to anybody. */
function altOf(data: MimeBundle): string | null {
  const text = data["text/plain"];
  return typeof text === "string" && !/^<.*>$/s.test(text.trim()) ? text : null;
}
