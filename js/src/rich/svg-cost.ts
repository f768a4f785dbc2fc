/**
 * Whether an SVG may be drawn. As an image of its own it runs and loads nothing, but a few lines
 * of `<use>` that use each other are billions of shapes, and stop the page that draws them.
 */

/** Most elements, those that are used again counted each time; a large scatter plot has 50 000. */
const MAX_ELEMENTS = 200_000;
/** Most characters. */
const MAX_TEXT = 4_000_000;

const REFERENCE = /(?:^|url\(\s*["']?)#([^)"'\s]+)/g;

/** False also for what is no SVG. */
export function affordable(svg: string): boolean {
  // An entity may hold whole trees.
  if (svg.length > MAX_TEXT || /<!ENTITY/i.test(svg)) return false;
  // Only counted; a hub's page would report styles as soon as they are read.
  const unstyled = svg
    .replace(/\sstyle(?=\s*=)/gi, " data-style")
    .replace(/<(\/?)style/gi, "<$1x-style");
  const { documentElement: root } = new DOMParser().parseFromString(unstyled, "image/svg+xml");
  if (root.localName !== "svg" || root.querySelector("parsererror")) return false;
  try {
    const ids = new Map<string, Element>();
    for (const element of root.querySelectorAll("[id]")) {
      if (!ids.has(element.id)) ids.set(element.id, element);
    }
    return count(root, ids, new Map()) <= MAX_ELEMENTS;
  } catch {
    return false; // nested deeper than the stack
  }
}

/** How many elements are drawn for `element`; one that uses itself is not drawn at all. */
function count(
  element: Element,
  ids: ReadonlyMap<string, Element>,
  known: Map<Element, number>,
): number {
  const found = known.get(element);
  if (found !== undefined) return found;
  known.set(element, 0);
  let sum = 1;
  for (const { value } of element.attributes) {
    for (const [, id = ""] of value.matchAll(REFERENCE)) {
      const target = ids.get(id);
      if (target) sum += count(target, ids, known);
    }
  }
  for (const child of element.children) sum += count(child, ids, known);
  known.set(element, sum);
  return sum;
}
