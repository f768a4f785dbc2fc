// An esbuild plugin: `import source from "worker:./worker.ts"` (or `worklet:…`) bundles that file
// by itself and gives its minified JavaScript as a string, to be started from a Blob URL. anywidget
// and Lab serve one ESM file and no neighbours, so a worker has to travel inside it.

import { dirname, resolve } from "node:path";
import { build } from "esbuild";
import { smaller } from "./smaller.mjs";

const PREFIX = /^(worker|worklet):/;

const TARGET = ["chrome110", "firefox115", "safari16.4"];

/** Bundles `path` alone: its code, and the files it was made of. */
export async function bundleInline(path, options = {}) {
  const result = await build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    format: "iife",
    target: TARGET,
    legalComments: "none",
    ...options,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const code = smaller(result.outputFiles[0].text, TARGET, false);
  return { code: code.trimEnd(), files: Object.keys(result.metafile.inputs) };
}

/** The plugin; `options` are passed on to the inner esbuild runs. */
export function inlineScripts(options = {}) {
  return {
    name: "inline-scripts",
    setup(outer) {
      outer.onResolve({ filter: PREFIX }, ({ path, resolveDir }) => ({
        path: resolve(resolveDir, path.replace(PREFIX, "")),
        namespace: "inline-script",
      }));
      outer.onLoad({ filter: /.*/, namespace: "inline-script" }, async ({ path }) => {
        const { code, files } = await bundleInline(path, options);
        return { contents: code, loader: "text", watchFiles: files.map((file) => resolve(file)) };
      });
    },
  };
}

/** The same for Vite, so that tests import what the bundle imports. */
export function inlineScriptsForVite(options = {}) {
  return {
    name: "inline-scripts",
    enforce: "pre",
    resolveId(source, importer) {
      if (!PREFIX.test(source) || !importer) return null;
      return `\0inline-script:${resolve(dirname(importer), source.replace(PREFIX, ""))}`;
    },
    async load(id) {
      if (!id.startsWith("\0inline-script:")) return null;
      const { code } = await bundleInline(id.slice("\0inline-script:".length), options);
      return `export default ${JSON.stringify(code)};`;
    },
  };
}
