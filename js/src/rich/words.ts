/** The texts of this part, in English; the interface around it may give others. */

import type { RichWords } from "./types.js";

export const ENGLISH: RichWords = {
  copy: "Copy",
  copied: "Copied",
  insert: "Insert as cell",
  inserted: "Inserted",
  code: "Code",
  output: "Output",
  done: "Done",
  notDone: "Not done",
  imageFrom: (name: string) => `Picture from ${name}`,
  cannotShow: (types: string) => `This notebook part cannot be shown here (${types}).`,
  cannotShowPlot:
    "This interactive figure was shared without a picture; share a picture of it to have it shown here.",
  badMath: "This formula cannot be typeset",
  executed: (count: number) => `Run as number ${count}`,
  table: "Table",
  enlarge: "Enlarge",
  close: "Close",
};
