import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { pageOptions } from "../build.mjs";
import { readConfig } from "../src/page/config.js";
import { knownGuest, remember, rememberGuest, wasIn } from "../src/page/tab.js";

describe("the plain page's bundle", () => {
  let script: string;
  let style: string;
  beforeAll(async () => {
    const { outputFiles } = await build({ ...pageOptions, write: false });
    const text = (name: string) => outputFiles!.find(({ path }) => path.endsWith(name))!.text;
    script = text("page.js");
    style = text("page.css");
  });

  it("is one script that loads no other but the parts for later and for rich text, as its policy wants", () => {
    expect(script).not.toMatch(/(?:^|[;\s}])import\s*["'{*a-zA-Z]/);
    expect(script).not.toMatch(/\beval\(|new Function\(/);
    expect(script.match(/\bimport\(/g)).toHaveLength(2);
    expect(script).not.toMatch(/setAttribute\("style"/);
  });

  it("loads no picture, font or style from anywhere", () => {
    expect(style).not.toMatch(/@import|url\((?!data:)/);
  });
});

describe("the page's configuration", () => {
  const pageWith = (text: string | null) =>
    ({
      getElementById: () => (text === null ? null : { textContent: text }),
    }) as unknown as Document;

  it("is what the server wrote", () => {
    const found = readConfig(
      pageWith(
        '{"base": "/s/", "hub_home": "/h/home", "logout": "https://hub/logout", "user": "ada"}',
      ),
    );
    expect(found).toEqual({
      base: "/s/",
      hubHome: "/h/home",
      logout: "https://hub/logout",
      user: "ada",
    });
  });

  it("is needed, and needs a base", () => {
    expect(() => readConfig(pageWith(null))).toThrow(/meet-config/);
    expect(() => readConfig(pageWith("{}"))).toThrow(/base/);
  });
});

describe("a tab", () => {
  const storage = () => {
    const items = new Map<string, string>();
    return {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
    };
  };

  it("knows the room it was in when the page is loaded again, until it leaves", () => {
    const tab = storage();
    remember("a/b", true, tab);
    expect(wasIn("a/b", tab)).toBe(true);
    expect(wasIn("b", tab)).toBe(false);
    remember("a/b", false, tab);
    expect(wasIn("a/b", tab)).toBe(false);
  });

  it("knows its guest again, and takes what it cannot read for a new one", () => {
    const tab = storage();
    expect(knownGuest(tab)).toEqual({ name: "", guest: null });
    rememberGuest({ name: "Zoe", guest: "pass" }, tab);
    expect(knownGuest(tab)).toEqual({ name: "Zoe", guest: "pass" });
    expect(knownGuest({ getItem: () => "[" })).toEqual({ name: "", guest: null });
  });

  it("without storage just asks anew", () => {
    expect(wasIn("a", null)).toBe(false);
    remember("a", true, null);
    expect(wasIn("a", { getItem: () => "{" })).toBe(false);
  });
});
