import { expect, test } from "vitest";
import { richUrl } from "../src/ui/chat/rich.js";

const PAGE = "https://hub.example.org/user/ada/lab/tree/a.ipynb";

test("the part for rich text comes from beside the API, and says which one is meant", () => {
  expect(richUrl("https://hub.example.org/user/ada/meet/static/", PAGE)).toBe(
    "https://hub.example.org/user/ada/meet/static/rich/rich.js?v=test",
  );
});

test("another try has another address, as browsers remember a module that failed", () => {
  const first = richUrl("/meet/static/", PAGE, 0);
  expect(richUrl("/meet/static/", PAGE, 1)).not.toBe(first);
});

test.each(["https://evil.example/static/", "data:text/javascript,", "http://hub.example.org/s/"])(
  "no code is loaded from %j",
  (assets) => {
    expect(richUrl(assets, PAGE)).toBeNull();
  },
);

test.each(["about:blank", "vscode-webview://abc/index.html"])("nor on %j", (page) => {
  expect(richUrl("http://localhost:8888/meet/static/", page)).toBeNull();
});
