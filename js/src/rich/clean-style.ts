/**
 * What may remain of the styles in shared HTML: colours, weights and alignments of tables (pandas'
 * Styler writes them), nothing that moves, covers or loads.
 */

const PROPERTIES = new Set([
  "background-color",
  "border-bottom-color",
  "border-bottom-style",
  "border-bottom-width",
  "border-collapse",
  "border-left-color",
  "border-left-style",
  "border-left-width",
  "border-right-color",
  "border-right-style",
  "border-right-width",
  "border-top-color",
  "border-top-style",
  "border-top-width",
  "caption-side",
  "color",
  "font-size",
  "font-style",
  "font-variant-numeric",
  "font-weight",
  "max-width",
  "min-width",
  "opacity",
  "padding-bottom",
  "padding-left",
  "padding-right",
  "padding-top",
  "text-align",
  "text-decoration-line",
  "text-transform",
  "vertical-align",
  "white-space",
  "width",
]);
/** A bar or colour gradient in a table's cell; pictures from elsewhere are `url(…)`. */
const GRADIENT = /^linear-gradient\([^"'\\]{0,400}\)$/;
const LOADS = /url|image|src|expression|\\|var\(|attr\(/i;
/** Most rules of one sheet: one per cell of a large table. */
const MAX_RULES = 5_000;

function allowed(property: string, value: string): boolean {
  if (property === "background-image") return GRADIENT.test(value) && !/url/i.test(value);
  return PROPERTIES.has(property) && !LOADS.test(value);
}

/** Copies what is allowed of `text`, declarations of CSS, into `into`. */
export function cleanDeclarations(text: string, into: CSSStyleDeclaration): void {
  const scratch = new CSSStyleSheet();
  // Braces would end the rule: a sheet has more than one then, of which the first is read.
  scratch.replaceSync(`x{${text}}`);
  const rule = scratch.cssRules[0];
  if (rule instanceof CSSStyleRule) copy(rule.style, into);
}

function copy(from: CSSStyleDeclaration, into: CSSStyleDeclaration): void {
  for (const property of from) {
    const value = from.getPropertyValue(property);
    if (allowed(property, value)) into.setProperty(property, value);
  }
}

/** A sheet with what is allowed of `text`; rules in conditions are left out. */
export function cleanSheet(text: string): CSSStyleSheet {
  const read = new CSSStyleSheet();
  const clean = new CSSStyleSheet();
  // No sheet is loaded by this: `@import` is not read here.
  read.replaceSync(text);
  for (const rule of [...read.cssRules].slice(0, MAX_RULES)) {
    if (
      !(rule instanceof CSSStyleRule) ||
      /[:{}](?:host|slotted|part|has)/i.test(rule.selectorText)
    ) {
      continue;
    }
    const at = clean.insertRule(`${rule.selectorText}{}`, clean.cssRules.length);
    copy(rule.style, (clean.cssRules[at] as CSSStyleRule).style);
  }
  return clean;
}
