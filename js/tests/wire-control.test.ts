import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CloseCode, remedy } from "../src/wire/close.js";
import schema from "../src/wire/control.schema.json";
import { keepKnownEvents, parseRelayFrame } from "../src/wire/relay-frames.js";
import { roomNameProblem } from "../src/wire/rooms.js";
import { invalidControl, rooms, validControl } from "./corpus.js";

const fromRelay = <T extends { from: string }>(cases: readonly T[]): T[] =>
  cases.filter((frame) => frame.from === "relay");

describe("frames from the relay", () => {
  it.each(fromRelay(validControl))("accepts $name", ({ frame }) => {
    expect(parseRelayFrame(JSON.stringify(frame))).toEqual({ outcome: "message", message: frame });
  });

  it.each(fromRelay(invalidControl))("tells what is wrong with $name", ({ text, outcome }) => {
    expect(parseRelayFrame(text).outcome).toBe(outcome);
  });

  it("refuses every message that lacks a required field", () => {
    for (const { frame } of fromRelay(validControl)) {
      const definition = Object.values(schema.$defs).find(
        (node) =>
          "properties" in node &&
          "type" in node.properties &&
          "enum" in node.properties.type &&
          node.properties.type.enum[0] === frame.type &&
          Object.keys(frame).every((field) => field in node.properties),
      );
      const required = (definition as { required?: string[] } | undefined)?.required ?? [];
      for (const field of required.filter((name) => name !== "type")) {
        const { [field]: _, ...rest } = frame as Record<string, unknown>;
        expect(parseRelayFrame(JSON.stringify(rest)).outcome, `${frame.type}.${field}`).toBe(
          "invalid-field",
        );
      }
    }
  });

  it("keeps a welcome whose log holds an event of a later version, without that event", () => {
    const welcome = fromRelay(validControl).find(({ frame }) => frame.type === "welcome")!.frame;
    const later = { type: "event", offset: 1, at: 1, by: {}, event: { kind: "poll" } };
    const parsed = parseRelayFrame(JSON.stringify({ ...welcome, events: [later] }));
    expect(parsed).toMatchObject({ outcome: "message", message: { events: [] } });
    expect(keepKnownEvents([later, null, 5])).toEqual([]);
  });
});

describe("what follows from a close code", () => {
  it("is final from 4400 to 4499 but for three, and a resume for all others", () => {
    const final = [CloseCode.BAD_FRAME, 4403, 4409, 4410, 4413, 4499];
    expect(final.map(remedy)).toEqual(final.map(() => "stop"));
    expect([4401, 4408, 4429, 1006, 1012, 1013, 1000, 4399, 4500].map(remedy)).toEqual([
      "new-ticket",
      "resume",
      "wait",
      ...Array(6).fill("resume"),
    ]);
  });
});

describe("room names", () => {
  it.each(rooms.valid.map((name) => [name]))("accepts %j", (name) => {
    expect(roomNameProblem(name)).toBeNull();
  });

  it.each(rooms.invalid.map((name) => [name]))("refuses %j with a sentence", (name) => {
    expect(roomNameProblem(name)).toMatch(/\.$/);
  });
});

it("the generated types and schema are those of the Python types", () => {
  const js = fileURLToPath(new URL("..", import.meta.url));
  execFileSync(process.execPath, ["wire.mjs", "--check"], { cwd: js, stdio: "pipe" });
});
