// Builds the page of the network bench into a folder: `node dev/bench.mjs OUT` makes OUT/bench.html
// and OUT/bench.js. See tests/network/rig.py.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { options } from "../build.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../../.cache/bench");
mkdirSync(out, { recursive: true });
await build({
  ...options,
  entryPoints: { bench: join(here, "bench/page.ts") },
  outdir: out,
  minify: false,
});
writeFileSync(
  join(out, "bench.html"),
  `<!doctype html><meta charset="utf-8"><title>meetwidget network bench</title>
<div id="host"></div><script type="module" src="bench.js"></script>`,
);
