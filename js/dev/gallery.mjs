// Builds the gallery of states into a folder: `node dev/gallery.mjs OUT`, then open OUT/index.html.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { options } from "../build.mjs";
import { writeRichParts } from "../parts.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../../.cache/gallery");
mkdirSync(out, { recursive: true });
/** A gallery needs no server: what a page loads later is there at once. */
const laterAtHand = {
  name: "later-at-hand",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/source\.js$/ }, ({ importer }) =>
      /ui.later.later\.tsx$/.test(importer) ? { path: join(here, "later-at-hand.ts") } : null,
    );
  },
};
await build({
  ...options,
  plugins: [laterAtHand, ...options.plugins],
  entryPoints: { gallery: join(here, "gallery.ts") },
  outdir: out,
  minify: false,
});
await writeRichParts(join(out, "static/rich"));
writeFileSync(
  join(out, "index.html"),
  `<!doctype html><meta charset="utf-8"><title>meetwidget gallery</title>
<link rel="stylesheet" href="gallery.css">
<style>body{margin:16px;background:Canvas;color-scheme:light dark}</style>
<div id="host"></div><script type="module" src="gallery.js"></script>`,
);
