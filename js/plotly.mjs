// An esbuild plugin: Plotly as a part of ours, not of the page it is shown in. Its distribution puts
// itself and its style sheets into the page; there may be another Plotly there already, and a hub's
// page forbids styles that are written into it. Styles that a script sets are allowed, so attributes
// become such. A build fails where a new version has none of what is changed here.

import { readFile } from "node:fs/promises";

const CHANGES = [
  ["window.Plotly = Plotly;", ""],
  [/if\(!\((\w+)&&\1\.matches\("\.no-inline-styles"\)\)\)/g, "if(false)"],
  // Of maps, which this distribution does not draw.
  [/if\(!document\.getElementById\("[0-9a-f]{64}"\)\)/g, "if(false)"],
  // d3's `attr`, of a value.
  [
    /function (\w+)\(\)\{this\.setAttribute\((\w+),(\w+)\)\}/g,
    'function $1(){"style"===$2?this.style=$3:this.setAttribute($2,$3)}',
  ],
];

export const plotlyWithin = {
  name: "plotly-within",
  setup({ onLoad }) {
    onLoad({ filter: /plotly-cartesian\.min\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const [from, to] of CHANGES) {
        const changed = contents.replaceAll(from, to);
        if (changed === contents) throw new Error(`Plotly has changed: no ${from} in ${path}.`);
        contents = changed;
      }
      return { contents, loader: "js" };
    });
  },
};
