/** A formula: its source until KaTeX has come, and where KaTeX cannot read it. */

import type { JSX } from "preact";
import { useContext, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Around } from "./around.js";

type Typeset = typeof import("./typeset.js")["typeset"];

let ready: Typeset | null = null;
let coming: Promise<void> | null = null;

function comes(): Promise<void> {
  coming ??= import("./typeset.js").then(
    (part) => {
      ready = part.typeset;
    },
    () => {
      coming = null; // the next formula tries again
    },
  );
  return coming;
}

export function Formula({
  tex,
  display,
}: {
  readonly tex: string;
  readonly display: boolean;
}): JSX.Element {
  const { words } = useContext(Around);
  const host = useRef<HTMLSpanElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [, arrived] = useState(ready !== null);
  useLayoutEffect(() => {
    let gone = false;
    const element = host.current;
    if (!element) return;
    if (ready) {
      setProblem(ready(element, tex, display));
      return;
    }
    void comes().then(() => {
      if (!gone && ready) {
        setProblem(ready(element, tex, display));
        arrived(true);
      }
    });
    return () => {
      gone = true;
    };
  }, [tex, display]);
  const title = problem === null ? undefined : `${words.badMath}: ${problem}`;
  const source = ready === null || problem !== null;
  return (
    <span class="mw-math" data-display={display} data-bad={problem !== null} title={title}>
      <span ref={host} hidden={source} />
      {source && <code>{tex}</code>}
    </span>
  );
}
