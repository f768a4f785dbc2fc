/** What a list of messages looks like: date lines, the "New" line, who goes without a head line. */

import type { ChatMessage } from "../../session/index.js";
import { dayOf } from "../time.js";
import type { ListRow } from "./list-window.js";

/** Messages of one person within this time share one avatar and name, ms. */
const RUN_MS = 5 * 60 * 1000;

/** Usual heights until a row has been measured, pixels. */
const LINE_PX = 19;
const HEAD_PX = 48;
const COMPACT_PX = 24;
const SEPARATOR_PX = 34;
const CARD_PX = 150;
/** So many characters make a line in a chat of usual width. */
const LINE_CHARS = 48;

export type Row = ListRow &
  (
    | { readonly kind: "day"; readonly at: number }
    | { readonly kind: "new" }
    | { readonly kind: "message"; readonly message: ChatMessage; readonly compact: boolean }
  );

function sameAuthor(a: ChatMessage, b: ChatMessage): boolean {
  return a.by.user.name === b.by.user.name && a.by.kind === b.by.kind;
}

function sameAudience(a: ChatMessage, b: ChatMessage): boolean {
  return (a.to === null) === (b.to === null) && String(a.to) === String(b.to);
}

function estimate(message: ChatMessage, compact: boolean): number {
  const lines = Math.floor(message.body.length / LINE_CHARS);
  const cards = (message.data ? 1 : 0) + (message.poll ? 1 : 0) + (message.files?.length ?? 0);
  return (compact ? COMPACT_PX : HEAD_PX) + lines * LINE_PX + cards * CARD_PX;
}

/**
 * Rows for messages, oldest first. The "New" line stands before the first message of others after
 * offset `newAfter`; null: nowhere.
 */
export function rowsOf(messages: readonly ChatMessage[], newAfter: number | null = null): Row[] {
  const rows: Row[] = [];
  let before: ChatMessage | null = null;
  let day = { from: 0, to: 0 };
  let news = newAfter;
  for (const message of messages) {
    const newDay = message.at < day.from || message.at >= day.to;
    if (newDay) {
      const next = dayOf(message.at);
      // Clocks may go back: a day that comes a second time is another line.
      const key = `day ${next.from < day.from ? message.key : next.from}`;
      day = next;
      rows.push({ kind: "day", key, at: message.at, estimate: SEPARATOR_PX, firm: false });
    }
    const isNew = news !== null && !message.own && (message.offset ?? 0) > news;
    if (isNew) {
      news = null;
      rows.push({ kind: "new", key: "new", estimate: SEPARATOR_PX, firm: false });
    }
    const compact: boolean =
      !newDay &&
      !isNew &&
      before !== null &&
      sameAuthor(before, message) &&
      sameAudience(before, message) &&
      message.replyTo === null &&
      message.at - before.at < RUN_MS;
    rows.push({
      kind: "message",
      key: message.key,
      message,
      compact,
      estimate: estimate(message, compact),
      firm: true,
    });
    before = message;
  }
  return rows;
}
