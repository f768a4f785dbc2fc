/** Highlights code by highlight.js, as a tree; a file of its own, loaded with the first code. */

import type { ElementContent } from "hast";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import fortran from "highlight.js/lib/languages/fortran";
import go from "highlight.js/lib/languages/go";
import haskell from "highlight.js/lib/languages/haskell";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import julia from "highlight.js/lib/languages/julia";
import juliaRepl from "highlight.js/lib/languages/julia-repl";
import kotlin from "highlight.js/lib/languages/kotlin";
import latex from "highlight.js/lib/languages/latex";
import lua from "highlight.js/lib/languages/lua";
import makefile from "highlight.js/lib/languages/makefile";
import matlab from "highlight.js/lib/languages/matlab";
import perl from "highlight.js/lib/languages/perl";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import pythonRepl from "highlight.js/lib/languages/python-repl";
import r from "highlight.js/lib/languages/r";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import scala from "highlight.js/lib/languages/scala";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";

/**
 * Longer code is shown in one colour, characters. Some grammars take a time that grows with the
 * square of the length: 12 000 characters made for that keep C busy for half a second.
 */
const MAX_SOURCE = 12_000;

const lowlight = createLowlight({
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  fortran,
  go,
  haskell,
  ini,
  java,
  javascript,
  json,
  julia,
  "julia-repl": juliaRepl,
  kotlin,
  latex,
  lua,
  makefile,
  matlab,
  perl,
  php,
  python,
  "python-repl": pythonRepl,
  r,
  ruby,
  rust,
  scala,
  shell,
  sql,
  swift,
  typescript,
  xml,
  yaml,
});
// Not Markdown's: `[](` some hundred times in a row stops it for seconds.
// The names that notebooks and their readers use besides.
lowlight.registerAlias({ python: ["ipython", "ipython3", "python3"], latex: ["tex"] });

/** Pieces of code, in order; those without a `name` have the text's own colour. */
export interface CodePiece {
  readonly text: string;
  /** Classes of highlight.js, `hljs-keyword`. */
  readonly name: string;
}

/** Code highlighted lately, the newest last: a list shows the same again as one scrolls. */
const lately = new Map<string, readonly CodePiece[]>();
const MAX_LATELY = 100;

/** The code in pieces; null where the language is not known. */
export function highlight(code: string, language: string): readonly CodePiece[] | null {
  const known = language.toLowerCase();
  if (code.length > MAX_SOURCE || !lowlight.registered(known)) return null;
  const key = `${known} ${code}`;
  const found = lately.get(key);
  if (found) return found;
  const pieces: CodePiece[] = [];
  collect(lowlight.highlight(known, code).children as ElementContent[], "", pieces);
  lately.set(key, pieces);
  if (lately.size > MAX_LATELY) lately.delete(lately.keys().next().value as string);
  return pieces;
}

function collect(nodes: readonly ElementContent[], name: string, into: CodePiece[]): void {
  for (const node of nodes) {
    if (node.type === "text") into.push({ text: node.value, name });
    else if (node.type === "element") {
      const names = node.properties.className;
      const own = Array.isArray(names) ? names.join(" ") : "";
      collect(node.children, own || name, into);
    }
  }
}
