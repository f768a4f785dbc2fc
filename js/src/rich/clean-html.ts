/** Cleans HTML by DOMPurify; a file of its own, loaded with the first HTML that is shared. */

import createPurifier from "dompurify";
import { cleanDeclarations, cleanSheet } from "./clean-style.js";
import tableStyle from "./html.css";
import { safeLink } from "./links.js";

/** Longer HTML is not shown, characters. */
const MAX_HTML = 2_000_000;

/** Text, lists and tables: nothing that loads, runs, takes input or covers the page. */
const TAGS =
  "a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption " +
  "figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub " +
  "summary sup table tbody td tfoot th thead time tr tt u ul var";
const ATTRIBUTES =
  "align alt class colspan dir headers height href id lang open reversed rowspan scope span src " +
  "start title valign value width";
const OWN_PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/\s]+={0,2}\s*$/;

const purifier = createPurifier(window);

purifier.addHook("afterSanitizeAttributes", (element) => {
  if (element.nodeName === "IMG" && !OWN_PICTURE.test(element.getAttribute("src") ?? "")) {
    element.removeAttribute("src");
  }
  if (element.nodeName !== "IMG") element.removeAttribute("src");
  if (element.hasAttribute("href")) {
    const href = element.getAttribute("href") ?? "";
    if (element.nodeName === "A" && safeLink(href)) {
      element.setAttribute("target", "_blank");
      element.setAttribute("rel", "noopener noreferrer");
    } else element.removeAttribute("href");
  }
});

/** Where the styles of an element wait until they are read, see `apart`. */
const WAITING = "data-mw-style";

/**
 * HTML without its sheets and styles, and these. A hub's page forbids and reports both as soon as
 * the browser reads the HTML, also outside of the page; read one by one they are no such thing.
 * What this overlooks is cleaned like everything else.
 */
function apart(html: string): { readonly plain: string; readonly sheets: readonly string[] } {
  const sheets: string[] = [];
  let plain = "";
  let at = 0;
  const open = /<style\b[^>]{0,400}>/gi;
  const close = /<\/style\b[^>]{0,400}>/gi;
  for (let begin = open.exec(html); begin; begin = open.exec(html)) {
    close.lastIndex = open.lastIndex;
    const end = close.exec(html);
    if (!end) break;
    plain += html.slice(at, begin.index);
    sheets.push(html.slice(open.lastIndex, end.index));
    at = close.lastIndex;
    open.lastIndex = at;
  }
  plain += html.slice(at);
  return { plain: plain.replace(/(<[a-z][^<>]*?\s)style(?=\s*=)/gi, `$1${WAITING}`), sheets };
}

/** Shows what may be shown of `html` in a shadow root of `host`; false: nothing may. */
export function showClean(host: HTMLElement, html: string): boolean {
  if (html.length > MAX_HTML) return false;
  const { plain, sheets } = apart(html);
  // Null where no body came of it, as of a frameset.
  const clean: DocumentFragment | null = purifier.sanitize(plain, {
    ALLOWED_TAGS: TAGS.split(" "),
    ALLOWED_ATTR: [...ATTRIBUTES.split(" "), WAITING],
    ADD_URI_SAFE_ATTR: [WAITING],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOW_UNKNOWN_PROTOCOLS: false,
    // In a shadow root names reach neither `document` nor `window`.
    SANITIZE_DOM: false,
    RETURN_DOM_FRAGMENT: true,
  });
  const shows = clean?.textContent?.trim() || clean?.querySelector("img[src]");
  if (!clean || !shows) return false;
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const own = new CSSStyleSheet();
  own.replaceSync(tableStyle);
  root.adoptedStyleSheets = [own, cleanSheet(sheets.join("\n"))];
  root.replaceChildren(clean);
  for (const element of root.querySelectorAll<HTMLElement>(`[${WAITING}]`)) {
    cleanDeclarations(element.getAttribute(WAITING) ?? "", element.style);
    element.removeAttribute(WAITING);
  }
  return true;
}
