// Builds the part of the interface that is loaded later (src/ui/later/parts.ts). What it shares
// with the bundle that loads it is not in it: the part is a function that is given those modules.

import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const UI = join(here, "src/ui");

/** The files of the part itself, below src/ui; all others are the bundle's. */
const OWN = [
  ...["later/parts", "later/words", "settings", "guest-links"],
  ...["chat/search", "chat/finder", "chat/lightbox", "chat/poll-form", "chat/readers"],
];

/** Asks for every module that is not the part's own by its name. */
const asksForShared = {
  name: "asks-for-shared",
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, resolveDir, kind }) => {
      if (kind === "entry-point") return null;
      if (!path.startsWith(".")) return { path, external: true };
      const name = relative(UI, join(resolveDir, path)).split(sep).join("/").replace(/\.js$/, "");
      return OWN.includes(name) ? null : { path: name, external: true };
    });
  },
};

/** The part's code, and the names of the modules it asks for. */
export async function buildLater({ minify = true } = {}) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: here,
    entryPoints: ["src/ui/later/parts.ts"],
    outdir: here,
    bundle: true,
    minify,
    write: false,
    metafile: true,
    format: "cjs",
    target: ["chrome110", "firefox115", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "silent",
    plugins: [asksForShared],
  });
  const [{ imports }] = Object.values(metafile.outputs);
  const head = "/*! meetwidget, BSD-3-Clause. */\nexport default (require) => { const module = {};";
  const code = `${head}\n${outputFiles[0].text}\nreturn module.exports; };\n`;
  return { code, asked: [...new Set(imports.map(({ path }) => path))] };
}
