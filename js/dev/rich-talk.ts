/** A talk that has one of everything rich text can show, for the gallery. */

import type { ChatMessage, Participant } from "../src/session/types.js";
import { message } from "./fakes.js";

const PLOT =
  "iVBORw0KGgoAAAANSUhEUgAAAHgAAAAyCAIAAAAYxYiPAAAAU0lEQVR42u3QQREAAAQAMN2MfnJSbEWmq5eVESRI0KBBgwYNGjRo0KBBgwYNGjRo0KBBgwYNGjRo0KBBgwYNGjRo0KBBgwYNGjRo0KBBgwYN+jFYb4sBv3rTz5AAAAAASUVORK5CYII=";

const PROSE = `## What we know :tada:

The loss is $L(\\beta) = \\tfrac12\\lVert y - X\\beta\\rVert_2^2$, so with $5 per run and $10 for all:

$$\\hat\\beta = (X^\\top X)^{-1}X^\\top y,\\qquad \\vec v\\cdot\\nabla f = \\sqrt{\\frac{\\partial f}{\\partial x_1}}$$

1. fit
   - first *without* a penalty
   - then ~~lasso~~ **ridge**
     1. twice
2. plot

- [x] data
- [ ] figures with \`plt.subplots\`

> It works on my machine.
> — somebody

| model | loss | epochs |
|:------|-----:|:------:|
| OLS   | 0.934 | 1 |
| ridge | 0.104 | 38 |

See https://en.wikipedia.org/wiki/Ridge_regression, @Ben Ibáñez and @you.`;

const CODE = `\`\`\`python
@jit(nopython=True)
def ridge(X: np.ndarray, y, alpha=0.1):
    """Solves it in closed form."""
    n = X.shape[1]  # features
    return np.linalg.solve(X.T @ X + alpha * np.eye(n), X.T @ y)

print(f"loss {ridge(X, y)!r}", 3.14, None)
\`\`\``;

const TABLE = `<style>#T_1_row0_col1 { background-color: #b7e3b1; color: #000 } td { position: fixed }</style>
<table id="T_1"><thead><tr><th></th><th>model</th><th>loss</th></tr></thead><tbody>
<tr><th>0</th><td>OLS</td><td id="T_1_row0_col1">0.934</td></tr>
<tr><th>1</th><td>ridge</td><td style="color: #c00; position: fixed">0.104</td></tr>
<tr><th>2</th><td onclick="alert(1)">lasso<script>alert(1)</script></td><td>0.212</td></tr></tbody></table>`;

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="220" height="80"><script>alert(1)</script>
<rect width="220" height="80" fill="#e8f0fe"/><path d="M10 70 C 60 10, 120 90, 210 15" stroke="#1976d2" stroke-width="3" fill="none"/></svg>`;

const CELL = {
  source: "history = fit(X, y)\nhistory.tail(2)",
  language: "python",
  execution_count: 12,
  outputs: [
    {
      output_type: "stream",
      name: "stdout",
      text: "\u001b[32mepoch 1\u001b[0m loss 0.9\r\u001b[1;32mepoch 38\u001b[0m loss \u001b[38;2;200;80;0m0.104\u001b[0m\n",
    },
    { output_type: "stream", name: "stderr", text: "FutureWarning: this goes away\n" },
    {
      output_type: "execute_result",
      data: { "text/html": TABLE, "text/plain": "…" },
      metadata: {},
    },
    {
      output_type: "error",
      ename: "ValueError",
      evalue: "no",
      traceback: ["\u001b[0;31mValueError\u001b[0m: X must have \u001b[1m2\u001b[0m dimensions"],
    },
  ],
};

export function richTalk(ada: Participant, kernel: Participant): ChatMessage[] {
  const place = { path: "lab/fit.ipynb", cell: "a1" };
  const shown = (index: number, body: string, data: Record<string, unknown>): ChatMessage =>
    message(index, kernel, body, { data, location: place });
  return [
    message(1, ada, PROSE, {
      mentions: [
        { name: "ben", text: "Ben Ibáñez" },
        { name: "eve", text: "you" },
      ],
      mentionsMe: true,
    }),
    message(2, ada, CODE),
    shown(3, "The **run** as it is", { "application/vnd.meetwidget.cell+json": CELL }),
    shown(4, "", { "text/html": TABLE, "text/plain": "table" }),
    shown(5, "", { "image/png": PLOT, "text/plain": "<Figure>" }),
    shown(6, "", { "image/svg+xml": SVG }),
    shown(7, "", {
      "text/latex": "$\\displaystyle \\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2}$",
    }),
    shown(8, "", { "application/json": { loss: [0.9, 0.1], done: true } }),
    shown(9, "", { "application/vnd.plotly.v1+json": { data: [] }, "text/html": "<div></div>" }),
    shown(10, "", { "application/x-unknown": 1 }),
    message(11, ada, "A bad formula: $\\frac{1}{$ and $\\href{javascript:alert(1)}{x}$"),
  ];
}
