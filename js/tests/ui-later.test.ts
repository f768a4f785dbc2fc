import { expect, test } from "vitest";
import { buildLater } from "../later.mjs";
import { sharedModules } from "../src/ui/later/shared.js";

test("the bundle shares with the part loaded later whatever that takes from its modules", async () => {
  const { code, asked } = await buildLater({ minify: false });
  const shared = sharedModules();
  expect(asked.sort()).toEqual(Object.keys(sharedModules()).sort());
  const names = [...code.matchAll(/var (\w+) = require\("([^"]+)"\)/g)];
  expect(names.length).toBeGreaterThanOrEqual(asked.length);
  for (const [, variable = "", module = ""] of names) {
    const used = code.matchAll(new RegExp(`\\b${variable}\\.(\\w+)`, "g"));
    for (const [, name] of used) expect(Object.keys(shared[module] ?? {})).toContain(name);
  }
});

test("the part loaded later is made of what it is given", async () => {
  const { code } = await buildLater();
  const { default: make } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const parts = make((name: string) => sharedModules()[name]);
  const whole = await import("../src/ui/later/parts.js");
  expect(Object.keys(parts).sort()).toEqual(Object.keys(whole).sort());
});
