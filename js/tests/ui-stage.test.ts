import { expect, test } from "vitest";
import { person, video } from "../dev/fakes.js";
import { type Tile, tilesOf } from "../src/ui/people.js";
import { Seating } from "../src/ui/seating.js";
import { subjectOf, swapped } from "../src/ui/subject.js";
import { BREATH_MS, INTERRUPT_MS, TURN_MS, Turns } from "../src/ui/turns.js";

const NOBODY: ReadonlySet<string> = new Set();
const only = (...who: string[]): ReadonlySet<string> => new Set(who);

/** `count` people, the last of them oneself. */
function room(count: number, streams = [] as ReturnType<typeof video>[]): readonly Tile[] {
  const people = Array.from({ length: count }, (_, index) => person(index, { id: `p${index}` }));
  return tilesOf(people, streams, `p${count - 1}`);
}

const keys = (tiles: readonly Tile[]) => tiles.map((tile) => tile.key);
const WISHES = { layout: "grid", pinned: null, dismissed: NOBODY, speaker: null } as const;

// ---------------------------------------------------------------- turns

test("the first voice has the stage at once and keeps it while pausing", () => {
  const turns = new Turns();
  turns.hear(only("ada"), 0);
  expect(turns.current).toBe("ada");
  turns.hear(NOBODY, 5000);
  turns.hear(NOBODY, 60_000);
  expect(turns.current).toBe("ada");
});

test("a cough takes no turn, a sentence does", () => {
  const turns = new Turns();
  turns.hear(only("ada"), 0);
  turns.hear(NOBODY, 4000);
  turns.hear(only("ben"), 5000);
  turns.hear(NOBODY, 5300);
  expect(turns.current).toBe("ada");
  const wait = turns.hear(only("ben"), 8000);
  expect(wait).toBe(TURN_MS);
  turns.hear(only("ben"), 8000 + TURN_MS);
  expect(turns.current).toBe("ben");
});

test("a breath within a sentence does not end it", () => {
  const turns = new Turns();
  turns.hear(only("ada"), 0);
  turns.hear(NOBODY, 100);
  turns.hear(only("ben"), 1000);
  turns.hear(NOBODY, 1500);
  turns.hear(only("ben"), 1500 + BREATH_MS - 100);
  turns.hear(only("ben"), 1000 + TURN_MS);
  expect(turns.current).toBe("ben");
});

test("who interrupts must go on longer than who fills a silence", () => {
  const turns = new Turns();
  turns.hear(only("ada"), 0);
  turns.hear(only("ada", "ben"), 1000);
  turns.hear(only("ada", "ben"), 1000 + TURN_MS);
  expect(turns.current).toBe("ada");
  turns.hear(only("ada", "ben"), 1000 + INTERRUPT_MS);
  expect(turns.current).toBe("ben");
});

test("two who talk at the same time do not flicker", () => {
  const turns = new Turns();
  const both = only("ada", "ben");
  let changes = 0;
  let before: string | null = null;
  for (let now = 0; now <= 20_000; now += 100) {
    turns.hear(both, now);
    if (turns.current !== before) changes += 1;
    before = turns.current;
  }
  expect(changes).toBeLessThanOrEqual(1 + 20_000 / INTERRUPT_MS);
});

test("when the speaker has left, the next voice has the stage at once", () => {
  const turns = new Turns();
  turns.hear(only("ada"), 0);
  turns.gone();
  turns.hear(only("ben"), 10);
  expect(turns.current).toBe("ben");
});

// -------------------------------------------------------------- subject

test("equal tiles have no subject, the speaker's view follows the speaker, never oneself", () => {
  const tiles = room(4);
  expect(subjectOf(tiles, WISHES)).toBeNull();
  const speaking = { ...WISHES, layout: "spotlight" } as const;
  expect(subjectOf(tiles, { ...speaking, speaker: "p2" })?.key).toBe("p2");
  expect(subjectOf(tiles, { ...speaking, speaker: "p3" })?.self).toBe(false);
  expect(subjectOf(tiles, speaking)?.key).toBe("p0");
});

test("a shared screen takes the stage from equal tiles, unless turned away from", () => {
  const tiles = room(3, [video("s", "p1", "screen")]);
  expect(subjectOf(tiles, WISHES)?.kind).toBe("screen");
  expect(subjectOf(tiles, { ...WISHES, dismissed: only("s") })).toBeNull();
  expect(subjectOf(tiles, { ...WISHES, pinned: "p0" })?.key).toBe("p0");
});

test("one's own screen does not take the stage", () => {
  expect(subjectOf(room(3, [video("s", "p2", "screen")]), WISHES)).toBeNull();
});

test("a pin on somebody who has left counts no more", () => {
  expect(subjectOf(room(3), { ...WISHES, pinned: "gone" })).toBeNull();
});

test("whoever takes the stage changes places with one other", () => {
  expect(swapped(["a", "b", "c", "d"], 0, 2)).toEqual(["c", "b", "a", "d"]);
});

// -------------------------------------------------------------- seating

test("who joins is seated last and moves nobody, oneself last on the first page", () => {
  const seating = new Seating();
  expect(keys(seating.arrange(room(4), 25))).toEqual(["p0", "p1", "p2", "p3"]);
  const more = tilesOf(
    [person(9, { id: "new" }), ...[0, 1, 2, 3].map((i) => person(i, { id: `p${i}` }))],
    [],
    "p3",
  );
  expect(keys(seating.arrange(more, 25))).toEqual(["p0", "p1", "p2", "new", "p3"]);
  expect(keys(seating.arrange(more, 3))).toEqual(["p0", "p1", "p3", "p2", "new"]);
});

test("a speaker of a later page takes the seat of who was silent longest, nobody else moves", () => {
  const seating = new Seating();
  const tiles = room(8);
  seating.arrange(tiles, 4);
  seating.hear(tiles, only("p0"), 4, 1000);
  seating.hear(tiles, only("p2"), 4, 2000);
  seating.hear(tiles, NOBODY, 4, 3000);
  expect(seating.hear(tiles, only("p6"), 4, 4000)).toBe(true);
  expect(keys(seating.arrange(tiles, 4))).toEqual(["p0", "p6", "p2", "p7", "p3", "p4", "p5", "p1"]);
});

test("a speaker of the first page stays where they are", () => {
  const seating = new Seating();
  const tiles = room(8);
  const before = keys(seating.arrange(tiles, 4));
  expect(seating.hear(tiles, only("p1"), 4, 1000)).toBe(false);
  expect(keys(seating.arrange(tiles, 4))).toEqual(before);
});

test("nobody who speaks loses their seat, even when more speak than the page holds", () => {
  const seating = new Seating();
  const tiles = room(6);
  seating.arrange(tiles, 3);
  seating.hear(tiles, only("p0", "p1", "p4"), 3, 1000);
  expect(keys(seating.arrange(tiles, 3)).slice(0, 2)).toEqual(["p0", "p1"]);
});
