/** Whether a person moves by themselves in the notebooks: then nothing moves them any more. */

/** Where documents are and are opened: JupyterLab's main area, Notebook 7's only document, files. */
const DOCUMENTS = "#jp-main-dock-panel, .jp-NotebookPanel, .jp-DirListing";
/** A meeting in a cell's output is in a document, too, but not of it. */
const MEETING = ".mw-room";
const GESTURES = ["wheel", "touchmove", "pointerdown", "keydown"] as const;
const MODIFIERS: ReadonlySet<string> = new Set(["Shift", "Control", "Alt", "Meta"]);

/** Calls back on every gesture in a document, until the returned function is called. */
export function watchGestures(page: Document, listener: () => void): () => void {
  const over = new AbortController();
  const take = (event: Event): void => {
    const target = event.target;
    if (!(target instanceof Element)) return;
    if (event instanceof KeyboardEvent && MODIFIERS.has(event.key)) return;
    if (target.closest(DOCUMENTS) && !target.closest(MEETING)) listener();
  };
  for (const gesture of GESTURES) {
    page.addEventListener(gesture, take, { capture: true, passive: true, signal: over.signal });
  }
  return () => over.abort();
}
