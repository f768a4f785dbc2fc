/** Code in a card of its own that scrolls inside, with what one may do with it. */

import type { ComponentChildren, JSX } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { Around } from "./around.js";
import type { CodePiece } from "./highlight.js";

/** How long a button says that it did its work, ms. */
const SAID_MS = 2000;

/** Texts in these are no cells of a notebook. */
const NOT_TO_RUN = new Set(
  "console csv diff dockerfile html ini json log makefile output pycon python-repl svg text toml txt xml yaml yml".split(
    " ",
  ),
);

type Highlight = typeof import("./highlight.js")["highlight"];

let ready: Highlight | null = null;
let coming: Promise<void> | null = null;

function comes(): Promise<void> {
  coming ??= import("./highlight.js").then(
    (part) => {
      ready = part.highlight;
    },
    () => {
      coming = null; // the next code tries again
    },
  );
  return coming;
}

/** Highlighted code; in one colour until its part has come, and in a language it does not know. */
export function Code({
  text,
  language,
}: {
  readonly text: string;
  readonly language: string;
}): JSX.Element {
  const [, arrived] = useState(ready !== null);
  useEffect(() => {
    let gone = false;
    if (language !== "" && ready === null) void comes().then(() => !gone && arrived(true));
    return () => {
      gone = true;
    };
  }, [language]);
  const part = language === "" ? null : ready;
  const pieces = useMemo(() => part?.(text, language) ?? null, [part, text, language]);
  return <code class="mw-code">{pieces === null ? text : pieces.map(showPiece)}</code>;
}

function showPiece({ text, name }: CodePiece, key: number): ComponentChildren {
  return name === "" ? (
    text
  ) : (
    <span key={key} class={name}>
      {text}
    </span>
  );
}

export function CodeCard({
  text,
  language,
  title = language,
  insertAs = NOT_TO_RUN.has(language.toLowerCase()) ? null : language,
}: {
  readonly text: string;
  readonly language: string;
  /** What the line below calls it. */
  readonly title?: string;
  /** The language of the cell it may become; null: it is no code to run. */
  readonly insertAs?: string | null;
}): JSX.Element {
  const { words } = useContext(Around);
  return (
    <figure class="mw-code-card" aria-label={title || words.code}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls, so it must be reachable by keyboard */}
      <pre tabIndex={0}>
        <Code text={text} language={language} />
      </pre>
      <figcaption>
        <span class="mw-code-title">{title || words.code}</span>
        <CodeActions text={text} insertAs={insertAs} />
      </figcaption>
    </figure>
  );
}

/** "Copy" and "Insert as cell", where they are possible. */
export function CodeActions({
  text,
  insertAs,
}: {
  readonly text: string;
  readonly insertAs: string | null;
}): JSX.Element {
  const { words, insert } = useContext(Around);
  const canCopy = typeof navigator.clipboard?.writeText === "function";
  return (
    <>
      {canCopy && (
        <Doing
          label={words.copy}
          done={words.copied}
          act={() => navigator.clipboard.writeText(text)}
        />
      )}
      {insert !== null && insertAs !== null && (
        <Doing label={words.insert} done={words.inserted} act={() => insert(text, insertAs)} />
      )}
    </>
  );
}

/** A button that says for a moment that it has done what it does. */
function Doing({
  label,
  done,
  act,
}: {
  readonly label: string;
  readonly done: string;
  readonly act: () => Promise<unknown>;
}): JSX.Element {
  const [said, setSaid] = useState(false);
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <button
      type="button"
      class="mw-link"
      onClick={() =>
        void act().then(
          () => setSaid(true),
          () => undefined, // not allowed here: the text can still be selected
        )
      }
    >
      {said ? done : label}
    </button>
  );
}
