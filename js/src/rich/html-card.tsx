/**
 * HTML that somebody shares (tables above all): cleaned by DOMPurify, in a shadow root, so that
 * neither its names nor its styles meet those of the page.
 */

import type { JSX } from "preact";
import { useContext, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Ansi } from "./ansi.js";
import { Around } from "./around.js";

export function HtmlCard({
  html,
  text,
}: {
  readonly html: string;
  /** What to show where the HTML has nothing that may be shown. */
  readonly text: string | null;
}): JSX.Element {
  const { words } = useContext(Around);
  const host = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"coming" | "shown" | "empty">("coming");
  useLayoutEffect(() => {
    let gone = false;
    import("./clean-html.js")
      .then(({ showClean }) => host.current !== null && showClean(host.current, html))
      .catch(() => false)
      .then((shows) => {
        if (!gone) setState(shows ? "shown" : "empty");
      });
    return () => {
      gone = true;
    };
  }, [html]);
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
      <div
        class="mw-html"
        ref={host}
        role="group"
        aria-label={words.output}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls, so it must be reachable by keyboard
        tabIndex={0}
        hidden={state !== "shown"}
      />
      {state !== "shown" && text !== null && <Ansi text={text} />}
      {state === "empty" && text === null && (
        <p class="mw-cannot">{words.cannotShow("text/html")}</p>
      )}
    </>
  );
}
