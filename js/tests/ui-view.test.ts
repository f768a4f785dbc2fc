import { expect, test } from "vitest";
import { message, person, video } from "../dev/fakes.js";
import { rowsOf } from "../src/ui/chat/rows.js";
import { userColor } from "../src/ui/color.js";
import { handQueue, isVideo, nameOf, tilesOf } from "../src/ui/people.js";
import { qualityOf } from "../src/ui/quality.js";
import { elapsed } from "../src/ui/time.js";
import { newestOffset, unreadCount } from "../src/ui/view.js";

const ada = person(0);
const ben = person(1);
const kernel = person(2, {
  id: "kernel",
  kind: "kernel",
  user: { ...ada.user, display_name: "Ada Lovelace (kernel)" },
});
const NOON = new Date(2026, 4, 5, 12, 0).getTime();
const MINUTE = 60_000;

test("messages of one person within five minutes share one head line", () => {
  const rows = rowsOf([
    message(1, ada, "a", { at: NOON }),
    message(2, ada, "b", { at: NOON + MINUTE }),
    message(3, ben, "c", { at: NOON + 2 * MINUTE }),
    message(4, ben, "d", { at: NOON + 8 * MINUTE }),
    message(5, ben, "e", { at: NOON + 9 * MINUTE, replyTo: "m1" }),
    message(6, ben, "f", { at: NOON + 9 * MINUTE, to: ["p0"] }),
  ]);
  const compact = rows.flatMap((row) => (row.kind === "message" ? [row.compact] : []));
  expect(compact).toEqual([false, true, false, false, false, false]);
});

test("a person and their kernel do not share a head line", () => {
  const rows = rowsOf([
    message(1, ada, "a", { at: NOON }),
    message(2, kernel, "b", { at: NOON + 1 }),
  ]);
  expect(rows.at(-1)).toMatchObject({ compact: false });
});

test("every day begins with a separator", () => {
  const rows = rowsOf([
    message(1, ada, "a", { at: NOON }),
    message(2, ada, "b", { at: NOON + MINUTE }),
    message(3, ada, "c", { at: NOON + 24 * 60 * MINUTE }),
  ]);
  expect(rows.map((row) => row.kind)).toEqual(["day", "message", "message", "day", "message"]);
});

test("one's own tile is last and others keep the order of joining", () => {
  const tiles = tilesOf([ada, ben, person(3)], [video("v", ben.id)], ada.id);
  expect(tiles.map((tile) => tile.key)).toEqual([ben.id, "p3", ada.id]);
  expect(tiles[0]?.stream?.id).toBe("v");
  expect(tiles[2]).toMatchObject({ self: true, label: "You", stream: null });
});

test("a kernel has a tile for each picture and none for itself", () => {
  const field = video("f", kernel.id, "data:sim.field");
  expect(tilesOf([ada, kernel], [], ada.id)).toHaveLength(1);
  const tiles = tilesOf([ada, kernel], [field], ada.id);
  expect(tiles[0]?.label).toBe("sim.field · Ada Lovelace’s kernel");
});

test("a shared screen is a tile of its own", () => {
  const tiles = tilesOf([ada, ben], [video("s", ben.id, "screen"), video("c", ben.id)], ada.id);
  expect(tiles.map((tile) => tile.kind)).toEqual(["screen", "camera", "camera"]);
});

test("a microphone is no picture, data with a video codec is one", () => {
  const sound = {
    id: "a",
    owner: "p0",
    source: "microphone",
    renditions: [{ handle: 1, codec: "opus" }],
  };
  expect(isVideo(sound)).toBe(false);
  const data = { ...sound, source: "data:x", renditions: [{ handle: 1, codec: "vp8" }] };
  expect(isVideo(data)).toBe(true);
});

test("hands queue by the time they went up", () => {
  const hand = (at: number) => ({ hand: true, hand_at: at });
  const people = [person(1, { state: hand(30) }), person(2), person(3, { state: hand(10) })];
  expect(handQueue(people)).toEqual(["p3", "p1"]);
});

test("a kernel is named after its owner", () => {
  expect(nameOf(kernel)).toBe("Ada Lovelace’s kernel");
  expect(nameOf({ ...kernel, user: { ...kernel.user, display_name: "Bot" } })).toBe("Bot");
});

test("unread are others' messages after the newest seen", () => {
  const messages = [
    message(1, ada, "old"),
    message(2, ada, "new"),
    message(3, ben, "mine", { own: true }),
    message(4, ada, "", { deleted: true }),
    message(5, ada, "pending", { offset: null }),
  ];
  expect(unreadCount(messages, 1)).toBe(1);
  expect(unreadCount(messages, null)).toBe(0);
  expect(newestOffset(messages)).toBe(4);
});

test("the word for the line follows the delay", () => {
  const stats = (ms: number) => [
    { latencyMs: ms, fps: 24, width: 1, height: 1, bitrate: 1, lost: 0 },
  ];
  const word = (ms: number) => qualityOf({ kind: "live" }, stats(ms), null).level;
  expect([word(40), word(300), word(900)]).toEqual(["good", "fair", "poor"]);
  expect(qualityOf({ kind: "live" }, [], 2000).level).toBe("poor");
  expect(qualityOf({ kind: "joining" }, [], null).level).toBe("busy");
});

test("letters on a user's colour are readable", () => {
  expect(userColor("#ffad8e").ink).toBe("#16181d");
  expect(userColor("#1a237e").ink).toBe("#fff");
  expect(userColor("#fff").ink).toBe("#16181d");
  expect(userColor("var(--jp-collaborator-color1)").background).toContain("color-mix");
  expect(userColor("").background).toBe("#5c6bc0");
});

test("elapsed time shows hours only when there are some", () => {
  expect(elapsed(1_450_000)).toBe("24:10");
  expect(elapsed(3_850_000)).toBe("1:04:10");
  expect(elapsed(-5)).toBe("00:00");
});
