/** Cleans HTML by DOMPurify; a file of its own, loaded with the first HTML that is shared. */

import createPurifier from "dompurify";
import { cleanDeclarations, cleanSheet } from "./clean-style.js";
import tableStyle from "./html.css";
import { safeLink } from "./markdown.js";

/** Longer HTML is not shown, characters. */
const MAX_HTML = 2_000_000;

/** Text, lists and tables: nothing that loads, runs, takes input or covers the page. */
const TAGS =
  "a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption " +
  "figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub " +
  "summary sup table tbody td tfoot th thead time tr tt u ul var";
const ATTRIBUTES =
  "align alt class colspan dir headers height href id lang open reversed rowspan scope span src " +
  "start style title valign value width";
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

/** Shows what may be shown of `html` in a shadow root of `host`; false: nothing may. */
export function showClean(host: HTMLElement, html: string): boolean {
  if (html.length > MAX_HTML) return false;
  const sheets: string[] = [];
  const read = new DOMParser().parseFromString(html, "text/html");
  for (const style of read.querySelectorAll("style")) sheets.push(style.textContent ?? "");
  const clean = purifier.sanitize(html, {
    ALLOWED_TAGS: TAGS.split(" "),
    ALLOWED_ATTR: ATTRIBUTES.split(" "),
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOW_UNKNOWN_PROTOCOLS: false,
    // In a shadow root names reach neither `document` nor `window`.
    SANITIZE_DOM: false,
    RETURN_DOM_FRAGMENT: true,
  });
  const shows = clean.textContent?.trim() !== "" || clean.querySelector("img[src]") !== null;
  if (!shows) return false;
  const inStyle = [...clean.querySelectorAll<HTMLElement>("[style]")];
  const wanted = inStyle.map((element) => {
    const text = element.getAttribute("style") ?? "";
    element.removeAttribute("style");
    return text;
  });
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const own = new CSSStyleSheet();
  own.replaceSync(tableStyle);
  root.adoptedStyleSheets = [own, cleanSheet(sheets.join("\n"))];
  root.replaceChildren(clean);
  inStyle.forEach((element, index) => {
    cleanDeclarations(wanted[index] ?? "", element.style);
  });
  return true;
}
