/** A long past for the gallery: thousands of messages of all heights, read page by page. */

import { batch } from "@preact/signals";
import type { ChatMessage } from "../src/session/types.js";
import { type FakeSession, message, person } from "./fakes.js";

const PAGE = 50;
const WORDS =
  "the loss of both models falls quickly at first and then hardly at all until the learning rate is lowered which nobody had expected of such a small network".split(
    " ",
  );

/** The message number `index` of `total`; the same one each time. */
export function pastMessage(index: number, total: number): ChatMessage {
  const length = 2 + ((index * 7919) % 37);
  const words = Array.from({ length }, (_, at) => WORDS[(index * 31 + at) % WORDS.length]);
  let body = `${index}: ${words.join(" ")}`;
  if (index % 17 === 0) body += "\n\n```python\nfor epoch in range(20):\n    step(model)\n```";
  if (index % 23 === 0) body += "\n\n- one\n- two\n- **three**";
  return message(index, person(Math.floor(index / 3) % 6), body, {
    at: Date.now() - (total - index) * 90_000,
    ...(index % 29 === 0 ? { replyTo: `m${index - 25}` } : {}),
  });
}

/** Gives `session` a past of `total` messages of which the newest `loaded` are there. */
export function giveArchive(session: FakeSession, total: number, loaded: number): void {
  const all = Array.from({ length: total }, (_, index) => pastMessage(index + 1, total));
  let from = Math.max(0, total - loaded);
  let around = { from: 0, to: 0, focus: "" };
  const { passage, messages, history } = session;
  const told = { more: from > 0, loading: false, error: null };
  messages.value = all.slice(from);
  history.value = told;
  const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));
  const read = (loading: boolean): void => {
    const newer = around.to < from;
    passage.value = {
      focus: around.focus,
      messages: all.slice(around.from, around.to),
      older: around.from > 0,
      newer,
      loading,
      error: null,
    };
  };
  session.loadHistory = async () => {
    history.value = { ...told, loading: true };
    await tick();
    const count = Math.min(PAGE, from);
    from -= count;
    messages.value = [...all.slice(from, from + count), ...messages.value];
    history.value = { ...told, more: from > 0 };
  };
  session.message = (id) => all[Number(id.slice(1)) - 1];
  session.visit = async (id) => {
    const at = Number(id.slice(1)) - 1;
    await tick();
    if (!all[at]) return false;
    around = { from: Math.max(0, at - PAGE / 2), to: Math.min(from, at + PAGE / 2), focus: id };
    read(false);
    return true;
  };
  session.loadPassage = async (direction) => {
    read(true);
    await tick();
    if (direction === "older") around.from = Math.max(0, around.from - PAGE);
    else around.to = Math.min(from, around.to + PAGE);
    if (around.to < from) return read(false);
    from = around.from;
    batch(() => {
      messages.value = [
        ...all.slice(from, Number(messages.value[0]?.offset) - 1),
        ...messages.value,
      ];
      history.value = { ...told, more: from > 0 };
      passage.value = null;
    });
  };
  session.search = async (query, { before = Number.POSITIVE_INFINITY } = {}) => {
    await tick();
    const word = query.toLowerCase();
    const found = all.filter(
      ({ body, offset }) => body.toLowerCase().includes(word) && (offset ?? 0) < before,
    );
    const hits = found.reverse().slice(0, PAGE);
    return {
      hits: hits.map(({ id, offset, at, by, body }) => {
        const place = body.toLowerCase().indexOf(word);
        const from = Math.max(0, place - 40);
        const snippet = body.slice(from, from + 120);
        const marks = [[place - from, word.length] as const];
        return { id: id ?? "", offset: offset ?? 0, at, by, snippet, marks };
      }),
      more: found.length > PAGE,
    };
  };
}
