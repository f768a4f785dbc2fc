/** A cell that somebody shares: its source and its outputs. */

import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { Ansi } from "./ansi.js";
import { Around } from "./around.js";
import { Output } from "./bundle.js";
import { Code, CodeActions } from "./code-card.js";
import { Enlargeable } from "./enlarge.js";
import { type SharedCell, textOf } from "./mime.js";
import type { MimeBundle } from "./types.js";

/** Most outputs of one cell; a loop that displays in every turn has more. */
const MAX_OUTPUTS = 50;

export function CellCard({
  cell,
  from,
}: {
  readonly cell: SharedCell;
  readonly from: string;
}): JSX.Element {
  const { words } = useContext(Around);
  const count = cell.executionCount;
  return (
    <figure
      class="mw-cell-card"
      aria-label={count === null ? cell.language : `${cell.language} [${count}]`}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls, so it must be reachable by keyboard */}
      <pre tabIndex={0}>
        <Code text={cell.source} language={cell.language} />
      </pre>
      {cell.outputs.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
        <div class="mw-outputs" role="group" aria-label={words.output}>
          <Enlargeable
            show={() =>
              cell.outputs
                .slice(0, MAX_OUTPUTS)
                .map((output, key) => <CellOutput key={key} output={output} from={from} />)
            }
          />
        </div>
      )}
      <figcaption>
        <span class="mw-code-title">
          {cell.language}
          {count !== null && (
            <span title={words.executed(count)} class="mw-count">
              {` [${count}]`}
            </span>
          )}
        </span>
        <CodeActions text={cell.source} insertAs={cell.language} />
      </figcaption>
    </figure>
  );
}

function CellOutput({
  output,
  from,
}: {
  readonly output: Readonly<Record<string, unknown>>;
  readonly from: string;
}): JSX.Element | null {
  switch (output.output_type) {
    case "stream":
      return (
        <div class="mw-output" data-stream={output.name === "stderr" ? "stderr" : "stdout"}>
          <Ansi text={textOf(output.text) ?? ""} />
        </div>
      );
    case "display_data":
    case "execute_result":
      return typeof output.data === "object" && output.data !== null ? (
        <div class="mw-output">
          <Output data={output.data as MimeBundle} from={from} />
        </div>
      ) : null;
    case "error": {
      const lines = Array.isArray(output.traceback) ? output.traceback.map(String) : [];
      const short = `${textOf(output.ename) ?? "Error"}: ${textOf(output.evalue) ?? ""}`;
      return (
        <div class="mw-output" data-stream="error">
          <Ansi text={lines.length > 0 ? lines.join("\n") : short} />
        </div>
      );
    }
    default:
      return null;
  }
}
