/** The notebook around us, for components. */

import { useEffect, useReducer, useState } from "preact/hooks";
import type { Location } from "../session/index.js";
import { type NotebookHost, notebookHost, onHostChange } from "./host.js";

/** The host, or null; renders anew when it comes or goes. */
export function useHost(): NotebookHost | null {
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => onHostChange(() => again(undefined)), []);
  return notebookHost();
}

/** Which cell of its notebook a place is, from 1; null while that is not open here. */
export function useCellNumber(host: NotebookHost | null, place: Location | null): number | null {
  const look = (): number | null => (place && host?.cellNumber(place)) ?? null;
  const [number, setNumber] = useState(look);
  useEffect(() => {
    setNumber(look());
    return host?.onPlace(() => setNumber(look()));
  }, [host, place?.path, place?.cell]);
  return number;
}
