/** The part for rich text: see types.ts. */

import { render } from "preact";
import { Around, completed } from "./around.js";
import { Bundle } from "./bundle.js";
import { emoji } from "./markdown.js";
import { Prose } from "./prose.js";
import { ensureStyle } from "./styles.js";
import { RICH_API, type Rich } from "./types.js";

// Nothing is shown without its styles; a shadow root gets them besides, when something is shown there.
await ensureStyle(document.documentElement, __RICH_STYLES__.rich);

export const rich: Rich = {
  api: RICH_API,
  emoji,
  showMarkdown(host, { body, mentions }, around) {
    void ensureStyle(host, __RICH_STYLES__.rich);
    render(
      <Around.Provider value={completed(around)}>
        <Prose body={body} mentions={mentions} />
      </Around.Provider>,
      host,
    );
  },
  showBundle(host, { data, from }, around) {
    void ensureStyle(host, __RICH_STYLES__.rich);
    render(
      <Around.Provider value={completed(around)}>
        <Bundle data={data} from={from} />
      </Around.Provider>,
      host,
    );
  },
  clear(host) {
    render(null, host);
  },
};
