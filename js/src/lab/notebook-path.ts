/**
 * Whether a path that somebody else sent may be opened here.
 *
 * It ends up in a URL of this server (Notebook 7 opens notebooks by address) and in requests for
 * its files, so it must name a notebook and nothing else: no way up the tree. (That it names none on
 * another drive is for JupyterLab to say, which knows its drives.)
 */

/** Cleaned of a leading slash; null for what is no path to a notebook on this server. */
export function notebookPath(path: string): string | null {
  const cleaned = path.replace(/^\/+/, "");
  if (!cleaned.toLowerCase().endsWith(".ipynb")) return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they have no place in a path
  if (/[\\\u0000-\u001f]/.test(cleaned)) return null;
  const steps = cleaned.split("/");
  if (steps.some((step) => step === "" || step === "." || step === "..")) return null;
  return cleaned;
}

/** The address of a notebook, at a cell, in Notebook 7. `base` ends with a slash. */
export function notebookAddress(base: string, path: string, cell: string | undefined): string {
  const steps = path.split("/").map(encodeURIComponent).join("/");
  return `${base}notebooks/${steps}${cell === undefined ? "" : CELL_FRAGMENT + encodeURIComponent(cell)}`;
}

/** As JupyterLab writes addresses of cells. */
const CELL_FRAGMENT = "#cell-id=";

/** The cell that an address leads to; null: none. */
export function cellOfAddress(hash: string): string | null {
  if (!hash.startsWith(CELL_FRAGMENT)) return null;
  try {
    return decodeURIComponent(hash.slice(CELL_FRAGMENT.length)) || null;
  } catch {
    return null;
  }
}
