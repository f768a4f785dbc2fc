import { beforeAll, expect, test, vi } from "vitest";
import type { FakeSession } from "../dev/fakes.js";
import { fakeSession, message, person } from "../dev/fakes.js";
import { isForMe, mentionCount } from "../src/ui/attention.js";
import { completionAt, endsInCode, withEmoji } from "../src/ui/chat/completion.js";
import { composingOf } from "../src/ui/chat/composing.js";
import { emojiFitting, emojiNamed, learn } from "../src/ui/chat/emoji-names.js";
import { mentionable, mentionsIn, whoFits } from "../src/ui/chat/mentions.js";
import { answersOf } from "../src/ui/chat/poll-draft.js";
import { preview } from "../src/ui/chat/preview.js";
import { addresses, othersIn } from "../src/ui/chat/private.js";
import { problemOf, sendNext } from "../src/ui/chat/sending.js";
import { MOST_FILES, sizeOf } from "../src/ui/chat/uploads.js";
import { type RoomView, viewStateOf } from "../src/ui/view.js";

const you = person(4, { id: "you" });
const ada = person(0);
const ben = person(1);
const chen = person(2);
const kernel = person(9, {
  id: "k",
  kind: "kernel",
  user: { ...ben.user, display_name: "Ben Ibáñez (kernel)" },
});

vi.stubGlobal("location", new URL("http://localhost/"));

/** Ada, Ben with his kernel, and oneself are here; Chen wrote something earlier. */
function room(): RoomView & { readonly session: FakeSession } {
  const session = fakeSession("seminar");
  session.you.value = you;
  session.participants.value = new Map([you, ada, kernel, ben].map((who) => [who.id, who]));
  session.messages.value = [message(1, chen, "hello")];
  session.phase.value = { kind: "live" };
  const state = viewStateOf(session);
  return {
    session,
    state,
    engine: null,
    invitation: { command: "", link: null },
    returning: false,
  };
}

function offered(view: RoomView, before: string): readonly string[] | null {
  return completionAt(view.session, before)?.offers.map(({ text }) => text) ?? null;
}

beforeAll(() => learn({ tada: "🎉", taco: "🌮", rocket: "🚀", heavy_check_mark: "✔️", "+1": "👍" }));

test("whoever is here or has written can be named, each once, oneself not", () => {
  const names = mentionable(room().session).map(({ user, kind }) => [user.name, kind]);
  expect(names).toEqual([
    [ada.user.name, "person"],
    [ben.user.name, "person"],
    [chen.user.name, "person"],
  ]);
});

test("names are found by any of their words, without accents, and by user name", () => {
  const people = mentionable(room().session);
  const found = (query: string): readonly string[] =>
    whoFits(people, query).map(({ user }) => user.name);
  expect(found("love")).toEqual([ada.user.name]);
  expect(found("IBANEZ")).toEqual([ben.user.name]);
  expect(found(chen.user.name.slice(0, 5))).toEqual([chen.user.name]);
  expect(found("")).toHaveLength(3);
  expect(found("velace")).toEqual([]);
});

test("a list opens after an @ that begins a word, and not within code or addresses", () => {
  const view = room();
  expect(offered(view, "hi @lov")).toEqual(["@Ada Lovelace "]);
  expect(offered(view, "(@ada lov")).toEqual(["@Ada Lovelace "]);
  expect(completionAt(view.session, "hi @lov")?.from).toBe(3);
  expect(offered(view, "mail@ada")).toBeNull();
  expect(offered(view, "@Ada Lovelace is")).toBeNull();
  expect(offered(view, "`@ada")).toBeNull();
  expect(offered(view, "```python\n@ada")).toBeNull();
  expect(offered(view, "```python\n@ada\n```\n@ada")).toEqual(["@Ada Lovelace "]);
});

test("emoji are offered after two letters, what people use before what only begins alike", () => {
  const view = room();
  expect(offered(view, "yes :ta")).toEqual(["🎉 ", "🌮 "]);
  expect(offered(view, ":check")).toEqual(["✔️ "]);
  expect(offered(view, "yes :t")).toBeNull();
  expect(offered(view, "at 10:ta")).toBeNull();
  expect(emojiFitting("ro", 8)).toEqual([{ emoji: "🚀", name: "rocket" }]);
  expect(emojiNamed("constructor")).toBeUndefined();
});

test("a short name becomes its emoji with its last colon, but not in code", () => {
  expect(withEmoji("done :tada:")).toBe("done 🎉");
  expect(withEmoji(":+1:")).toBe("👍");
  expect(withEmoji("done :nothing:")).toBeNull();
  expect(withEmoji("a[1:tada:")).toBeNull();
  expect(withEmoji("`x :tada:")).toBeNull();
  expect(endsInCode("`a` and `b")).toBe(true);
  expect(endsInCode("`a` and b")).toBe(false);
});

test("mentions are whole names, the longest that fits, and told by user name", () => {
  const people = mentionable(room().session);
  const name = (text: string): readonly unknown[] =>
    mentionsIn(text, people).map((one) => [one.name, one.text]);
  expect(name("@Ada Lovelace and @ada lovelace!")).toEqual([
    [ada.user.name, "Ada Lovelace"],
    [ada.user.name, "ada lovelace"],
  ]);
  expect(name(`see @${ben.user.name}, please`)).toEqual([[ben.user.name, ben.user.name]]);
  expect(name("@Ada Lovelacely")).toEqual([]);
  expect(name("x@Ada Lovelace")).toEqual([]);
  const twins = [ada, person(3, { user: { ...person(3).user, display_name: "Ada Lovelace" } })];
  expect(mentionsIn("@Ada Lovelace", twins).map((one) => one.name)).toEqual([
    ada.user.name,
    person(3).user.name,
  ]);
});

test("a private message goes to every device of its readers, and says who is missing", () => {
  const { session } = room();
  expect(addresses(session, [ben.user, chen.user])).toEqual({
    ids: ["k", ben.id],
    gone: [chen.user],
  });
  const said = message(5, ada, "psst", { to: ["you", ben.id], readers: [you.user, ben.user] });
  expect(othersIn(session, said).map(({ name }) => name)).toEqual([ada.user.name, ben.user.name]);
});

test("what is written is sent with all that belongs to it, and private stays private", async () => {
  const view = room();
  const { session, state } = view;
  const composing = composingOf(session);
  const say = vi.spyOn(session, "say");
  composing.uploads.add([new File(["x"], "x.csv")]);
  composing.readers.value = [ada.user];
  composing.place.value = { path: "lab.ipynb", cell: "c" };
  state.replyTo.value = session.messages.value[0] ?? null;
  state.draft.value = " @Ada Lovelace look ";
  expect(problemOf(view)?.kind).toBe("files");
  await vi.waitUntil(() => problemOf(view) === null, { timeout: 10_000 });
  sendNext(view);
  expect(say).toHaveBeenCalledWith("@Ada Lovelace look", {
    replyTo: "m1",
    to: [ada.id],
    files: [expect.objectContaining({ name: "x.csv", size: 1 })],
    mentions: [{ name: ada.user.name, text: "Ada Lovelace" }],
    location: { path: "lab.ipynb", cell: "c" },
  });
  expect([state.draft.value, state.replyTo.value, composing.place.value]).toEqual(["", null, null]);
  expect(composing.uploads.list.value).toEqual([]);
  expect(composing.readers.value).toEqual([ada.user]);
  session.participants.value = new Map([[you.id, you]]);
  state.draft.value = "still there?";
  expect(problemOf(view)?.text).toContain("Ada Lovelace is not here any more");
});

test("a poll needs a question and two different answers", () => {
  const view = room();
  const { poll } = composingOf(view.session);
  poll.value = { options: ["yes", " yes ", ""], multiple: true };
  view.state.draft.value = "Shall we?";
  expect(problemOf(view)?.kind).toBe("poll");
  poll.value = { options: ["yes", "no ", ""], multiple: true };
  expect(answersOf(poll.value)).toEqual(["yes", "no"]);
  const say = vi.spyOn(view.session, "say");
  sendNext(view);
  expect(say).toHaveBeenCalledWith("Shall we?", {
    poll: { options: ["yes", "no"], multiple: true },
  });
  expect(poll.value).toBeNull();
});

test("too large, empty and too many files are refused before anything is sent", () => {
  const { session } = room();
  const { uploads } = composingOf(session);
  const upload = vi.spyOn(session, "upload").mockImplementation(() => new Promise(() => undefined));
  const told: string[] = [];
  session.notify = (_level, _code, text) => void told.push(text);
  const limits = session.limits.value;
  if (limits) session.limits.value = { ...limits, file_bytes: 1000 };
  uploads.add([new File([new Uint8Array(1400)], "big.bin"), new File([], "none.txt")]);
  expect(told).toEqual([
    "big.bin has 1.4 kB; a file here may have at most 1.0 kB.",
    "none.txt is empty; there is nothing to send.",
  ]);
  expect(upload).not.toHaveBeenCalled();
  uploads.add(Array.from({ length: MOST_FILES + 1 }, (_, at) => new File(["x"], `${at}`)));
  expect(upload).toHaveBeenCalledTimes(MOST_FILES);
  expect(told.at(-1)).toContain("One message takes 10 files");
});

test("a file that did not get through is told, tried again, and taken away", async () => {
  const view = room();
  const { uploads } = composingOf(view.session);
  const file = { id: "f", name: "a.txt", type: "text/plain", size: 1 };
  const upload = vi
    .spyOn(view.session, "upload")
    .mockRejectedValueOnce(new Error("The room is full."));
  uploads.add([new File(["x"], "a.txt")]);
  await vi.waitUntil(() => uploads.list.value[0]?.problem === "The room is full.");
  expect(problemOf(view)?.text).toBe("a.txt did not get through; try again or take it away.");
  upload.mockResolvedValueOnce(file);
  uploads.retry(uploads.list.value[0]?.key ?? 0);
  await vi.waitUntil(() => uploads.list.value[0]?.file?.id === "f");
  expect(problemOf(view)).toBeNull();
  let signal: AbortSignal | undefined;
  upload.mockImplementationOnce((_file, _name, options) => {
    signal = options?.signal;
    return new Promise(() => undefined);
  });
  uploads.add([new File(["x"], "b.txt")]);
  uploads.remove(uploads.list.value[1]?.key ?? 0);
  expect(signal?.aborted).toBe(true);
  expect(uploads.list.value).toHaveLength(1);
});

test("sizes are told as people read them", () => {
  expect([0, 913, 1400, 25e6, 12_400_000, 5e9].map(sizeOf)).toEqual([
    ...["0 B", "913 B", "1.4 kB", "25 MB", "12 MB", "5.0 GB"],
  ]);
});

test("what is meant for this person counts until it is seen", () => {
  const list = [
    message(1, ada, "a", { mentionsMe: true }),
    message(2, ada, "b", { to: ["you"] }),
    message(3, ada, "c"),
    message(4, you, "d", { own: true, to: [ada.id] }),
    message(5, ada, "", { mentionsMe: true, deleted: true }),
  ];
  expect(list.map(isForMe)).toEqual([true, true, false, false, false]);
  expect(mentionCount(list, 0)).toBe(2);
  expect(mentionCount(list, 1)).toBe(1);
  expect(mentionCount(list, null)).toBe(0);
});

test("a preview says what a message is in one line", () => {
  const file = { id: "f", name: "a.txt", type: "text/plain", size: 1 };
  const empty = { options: [], multiple: false, closed: false, voters: 0 };
  expect(preview(message(1, ada, "**Now**\n`x`?", { poll: empty }))).toBe("Poll: Now x?");
  expect(preview(message(1, ada, "", { files: [file] }))).toBe("a.txt");
  expect(preview(message(1, ada, "", { files: [file, file] }))).toBe("2 files");
  expect(preview(message(1, ada, "", { deleted: true }))).toBe("Message deleted");
});
