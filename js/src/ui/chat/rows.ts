/** What a list of messages looks like: day separators, and who goes without a head line. */

import type { ChatMessage } from "../../session/index.js";
import { sameDay } from "../time.js";

/** Messages of one person within this time share one avatar and name, ms. */
const RUN_MS = 5 * 60 * 1000;

export type Row =
  | { readonly kind: "day"; readonly key: string; readonly at: number }
  | { readonly kind: "message"; readonly message: ChatMessage; readonly compact: boolean };

function sameAuthor(a: ChatMessage, b: ChatMessage): boolean {
  return a.by.user.name === b.by.user.name && a.by.kind === b.by.kind;
}

function sameAudience(a: ChatMessage, b: ChatMessage): boolean {
  return (a.to === null) === (b.to === null) && String(a.to) === String(b.to);
}

/** Rows for messages, oldest first. */
export function rowsOf(messages: readonly ChatMessage[]): Row[] {
  const rows: Row[] = [];
  let before: ChatMessage | null = null;
  for (const message of messages) {
    const newDay: boolean = before === null || !sameDay(before.at, message.at);
    if (newDay) rows.push({ kind: "day", key: `day ${message.key}`, at: message.at });
    const compact: boolean =
      !newDay &&
      before !== null &&
      sameAuthor(before, message) &&
      sameAudience(before, message) &&
      message.replyTo === null &&
      message.at - before.at < RUN_MS;
    rows.push({ kind: "message", message, compact });
    before = message;
  }
  return rows;
}
