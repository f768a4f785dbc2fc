// An esbuild plugin: makes minified bundles some per cent smaller than esbuild does, by the minifier
// of Vite. It works on what esbuild gives back, so it needs `write: false`.

import { minifySync } from "rolldown/utils";

/** `code`, smaller, for the browsers in `target`. */
export function smaller(code, target, module) {
  const { code: made, errors } = minifySync("bundle.js", code, {
    module,
    compress: { target },
    mangle: { toplevel: true },
    codegen: { removeWhitespace: true, legalComments: "inline" },
  });
  if (errors.length > 0) throw new Error(`Minifying failed: ${errors[0].message}`);
  return made;
}

export const madeSmaller = {
  name: "made-smaller",
  setup({ initialOptions, onEnd }) {
    const { minify, target } = initialOptions;
    if (!minify) return;
    onEnd(({ outputFiles }) => {
      for (const file of outputFiles ?? []) {
        if (!file.path.endsWith(".js")) continue;
        file.contents = new TextEncoder().encode(smaller(file.text, target, true));
      }
    });
  },
};
