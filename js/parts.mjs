// Builds the parts of the interface that are loaded on demand, into meetwidget/static/rich: the
// entry rich.js, the chunks it imports, style sheets and fonts. All but the entry carry a hash of
// their content in their names; the entry is asked for with its own (`rich.js?v=…`), which widget
// and page know as __MEETWIDGET_RICH__. So a server may let browsers keep all of it for ever.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildLater } from "./later.mjs";
import { plotlyWithin } from "./plotly.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/** Digits of a hash in an address. */
const HASH_DIGITS = 12;

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  outdir: join(here, "rich"),
  target: ["chrome110", "firefox115", "safari16.4"],
  legalComments: "none",
  logLevel: "silent",
};

/** KaTeX offers each font in three formats; every browser we run in reads the first. */
const onlyWoff2 = {
  name: "only-woff2",
  setup({ onResolve }) {
    onResolve({ filter: /\.(woff|ttf)$/ }, ({ path }) => ({
      path: `data:,${path}`,
      external: true,
    }));
  },
};

function hashOf(contents) {
  return createHash("sha256").update(contents).digest("hex").slice(0, HASH_DIGITS);
}

/** The sheet's text without the formats that are left out. */
function withoutOtherFonts(text) {
  return text.replace(/,\s*url\("?data:,[^)]*\)\s*format\("[^"]*"\)/g, "");
}

/** The licences of all packages that something was built of, as their authors want them passed on. */
function licencesOf(inputs) {
  const packages = new Set(
    inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean),
  );
  return [...packages].sort().map((name) => {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    const text =
      file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
}

async function buildStyles() {
  const { outputFiles, metafile } = await build({
    ...shared,
    entryPoints: {
      rich: "src/rich/rich.css",
      katex: "katex/dist/katex.css",
      figure: "src/rich/figure.css",
    },
    assetNames: "[name]-[hash]",
    loader: { ".woff2": "file" },
    plugins: [onlyWoff2],
  });
  const files = new Map();
  const names = {};
  for (const { path, contents, text } of outputFiles) {
    const name = basename(path);
    if (name.endsWith(".css")) {
      const sheet = withoutOtherFonts(text);
      const stem = name.replace(".css", "");
      names[stem] = `${stem}-${hashOf(sheet)}.css`;
      files.set(names[stem], Buffer.from(sheet));
    } else files.set(name, Buffer.from(contents));
  }
  return { files, names, inputs: Object.keys(metafile.inputs) };
}

async function buildAll() {
  const { files, names, inputs } = await buildStyles();
  const { outputFiles, metafile } = await build({
    ...shared,
    entryPoints: { rich: "src/rich/index.tsx" },
    format: "esm",
    splitting: true,
    chunkNames: "[name]-[hash]",
    jsx: "automatic",
    jsxImportSource: "preact",
    // Inside of a shadow root there is no link to a file.
    loader: { ".css": "text" },
    define: { __RICH_STYLES__: JSON.stringify(names) },
    plugins: [plotlyWithin],
    banner: {
      js: "/*! meetwidget, BSD-3-Clause. Contains Preact, markdown-it, KaTeX, Plotly (MIT), highlight.js (BSD-3-Clause), DOMPurify (Apache-2.0), Anser (MIT); see LICENSES.txt. */",
    },
  });
  for (const { path, contents } of outputFiles) files.set(basename(path), Buffer.from(contents));
  const licences = licencesOf([...inputs, ...Object.keys(metafile.inputs)]);
  files.set("LICENSES.txt", Buffer.from(licences.join(`\n${"-".repeat(72)}\n\n`)));
  const later = Buffer.from((await buildLater()).code);
  files.set(`later-${hashOf(later)}.js`, later);
  return { files, version: hashOf(files.get("rich.js")), later: hashOf(later) };
}

let built = null;

/** `files` (name to content), `version`, what the entry is asked for with, and `later`'s hash; built once. */
export function richParts() {
  built ??= buildAll();
  return built;
}

/** Writes the parts into a folder of their own, and takes away what is left there of others. */
export async function writeRichParts(folder) {
  const { files } = await richParts();
  mkdirSync(folder, { recursive: true });
  for (const [name, contents] of files) writeFileSync(join(folder, name), contents);
  for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name));
  return files;
}

/** An esbuild plugin: tells a bundle which parts were built along. */
export const knowsRichParts = {
  name: "rich-parts",
  async setup({ initialOptions }) {
    const { version, later } = await richParts();
    initialOptions.define = {
      ...initialOptions.define,
      __MEETWIDGET_RICH__: JSON.stringify(version),
      __MEETWIDGET_LATER__: JSON.stringify(later),
    };
  },
};
