/**
 * Lets the words that were looked for stand out in the messages in the document.
 *
 * By the browser's own highlights: the messages themselves are not touched, however they are
 * drawn. A browser without them shows the message alone.
 */

const NAME = "mw-found";
const BODY = "[data-testid=mw-body]";

/** Marks `words` in the messages of `list`; none takes all marks away. */
export function markFound(list: HTMLElement | null, words: readonly string[]): void {
  const view = list?.ownerDocument.defaultView as (Window & typeof globalThis) | null | undefined;
  const marks = view?.CSS.highlights;
  if (!list || !view || !marks) return;
  if (words.length === 0) {
    marks.delete(NAME);
    return;
  }
  const ranges: Range[] = [];
  for (const body of list.querySelectorAll(BODY)) {
    const texts = list.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) markIn(texts.currentNode as Text, words, ranges);
  }
  marks.set(NAME, new view.Highlight(...ranges));
}

function markIn(text: Text, words: readonly string[], ranges: Range[]): void {
  const lower = text.data.toLowerCase();
  // Where lower case has another length, places in it are not places in the text.
  if (lower.length !== text.length) return;
  for (const word of words) {
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length)) {
      const range = text.ownerDocument.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + word.length);
      ranges.push(range);
    }
  }
}
