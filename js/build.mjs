// Builds meetwidget/static: widget.js (an anywidget ESM) with widget.css, and page.js with page.css
// (the hub service's plain page); and meetwidget/labextension (see lab.mjs). Prints their sizes.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";
import { inlineScripts } from "./inline.mjs";
import { buildLab } from "./lab.mjs";
import { knowsRichParts, writeRichParts } from "./parts.mjs";
import { madeSmaller } from "./smaller.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../meetwidget/static");
const { version } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));

/** Most bytes of widget.js, worker and worklets included, after gzip -9. */
export const BUDGET_BYTES = 96_000;

const define = { __MEETWIDGET_VERSION__: JSON.stringify(version) };

const shared = {
  absWorkingDir: here,
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome110", "firefox115", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  define,
  legalComments: "none",
  banner: {
    js: "/*! meetwidget, BSD-3-Clause. Contains Preact and @preact/signals, MIT, (c) Jason Miller and the Preact team. */",
  },
  plugins: [inlineScripts({ absWorkingDir: here, define }), knowsRichParts, madeSmaller],
};

/** @type {import("esbuild").BuildOptions} */
export const options = { ...shared, entryPoints: { widget: "src/widget/index.ts" } };

/**
 * The plain page, a bundle of its own: a page loads one or the other, never both.
 * @type {import("esbuild").BuildOptions}
 */
export const pageOptions = { ...shared, entryPoints: { page: "src/page/index.tsx" } };

const BUNDLES = [options, pageOptions];

/** Bytes of `data` as a server would send it. */
export function gzipBytes(data) {
  return gzipSync(data, { level: 9 }).byteLength;
}

function report(parts) {
  const css = join(out, "widget.css");
  if (!existsSync(css)) writeFileSync(css, "");
  for (const name of ["widget.js", "widget.css", "page.js", "page.css"]) {
    const data = readFileSync(join(out, name));
    console.log(`${name}  ${data.byteLength} B, gzip ${gzipBytes(data)} B`);
  }
  for (const [name, data] of parts) {
    if (/\.(js|css)$/.test(name)) console.log(`rich/${name}  gzip ${gzipBytes(data)} B`);
  }
  const size = gzipBytes(readFileSync(join(out, "widget.js")));
  if (size > BUDGET_BYTES) {
    console.warn(
      `widget.js is ${size - BUDGET_BYTES} B over its budget of ${BUDGET_BYTES} B (gzip).`,
    );
  }
}

/** Builds a bundle in memory, where it can be made smaller, and writes it. */
async function write(bundle) {
  const { outputFiles } = await build({ ...bundle, write: false });
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
}

async function main(watch) {
  mkdirSync(out, { recursive: true });
  // First, so that a bundle never asks for parts that are not there yet.
  const parts = await writeRichParts(join(out, "rich"));
  if (watch) {
    for (const bundle of BUNDLES) {
      const running = await context({
        ...bundle,
        sourcemap: "inline",
        minify: false,
        logLevel: "info",
      });
      await running.watch();
    }
  } else {
    await Promise.all([...BUNDLES.map(write), buildLab(shared)]);
    report(parts);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await main(process.argv.includes("--watch"));
