/** The poll that is being asked, before it is one. */

import type { PollDraft } from "./composing.js";

export const NEW_POLL: PollDraft = { options: ["", ""], multiple: false };

/** The answers that count; null while there are not two different ones. */
export function answersOf({ options }: PollDraft): readonly string[] | null {
  const answers = options.map((option) => option.trim()).filter((option) => option !== "");
  const different = new Set(answers).size === answers.length;
  return answers.length >= 2 && different ? answers : null;
}
