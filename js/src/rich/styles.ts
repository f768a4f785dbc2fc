/**
 * Loads the style sheets of this part. They lie beside it as files: a hub's page allows no style
 * that is written into it.
 */

/** By document or shadow root, by file. */
const asked = new WeakMap<Node, Map<string, Promise<void>>>();

/**
 * Makes sure that the document (or shadow root) around `element` has a style sheet; resolves when
 * it is there, or cannot be had.
 */
export function ensureStyle(element: Element, file: string): Promise<void> {
  const root = element.getRootNode();
  const place = root instanceof ShadowRoot ? root : element.ownerDocument.head;
  let files = asked.get(place);
  if (!files) {
    files = new Map();
    asked.set(place, files);
  }
  const found = files.get(file);
  if (found) return found;
  const link = element.ownerDocument.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(file, import.meta.url).href;
  const loaded = new Promise<void>((resolve) => {
    link.addEventListener("load", () => resolve(), { once: true });
    link.addEventListener("error", () => resolve(), { once: true });
  });
  files.set(file, loaded);
  place.append(link);
  return loaded;
}
