/** A message in one line of plain words, for previews, announcements and notifications. */

import type { ChatMessage } from "../../session/index.js";
import { strings } from "../strings.js";

/** Characters of a preview. */
const LONGEST = 140;

export function preview(message: ChatMessage): string {
  if (message.deleted) return strings.deleted;
  const body = message.body
    .replace(/```\w*/g, "")
    .replace(/[`*_~>#]+/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, LONGEST);
  if (message.poll) return strings.pollPreview(body);
  const [file] = message.files;
  if (file && body === "") {
    return message.files.length > 1 ? strings.files(message.files.length) : file.name;
  }
  return body === "" ? strings.output : body;
}
