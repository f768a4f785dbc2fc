/** The notebook around us, for components. */

import { useEffect, useReducer } from "preact/hooks";
import { type NotebookHost, notebookHost, onHostChange } from "./host.js";

/** The host, or null; renders anew when it comes or goes. */
export function useHost(): NotebookHost | null {
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => onHostChange(() => again(undefined)), []);
  return notebookHost();
}
