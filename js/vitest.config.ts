import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { inlineScriptsForVite } from "./inline.mjs";

const manifest: { version: string } = JSON.parse(
  readFileSync(fileURLToPath(new URL("package.json", import.meta.url)), "utf8"),
);
const define = {
  __MEETWIDGET_VERSION__: JSON.stringify(manifest.version),
  __MEETWIDGET_RICH__: JSON.stringify("test"),
  __MEETWIDGET_LATER__: JSON.stringify("test"),
  __RICH_STYLES__: JSON.stringify({ rich: "rich.css", katex: "katex.css" }),
};

export default defineConfig({
  define,
  plugins: [inlineScriptsForVite({ define })],
  test: { include: ["tests/**/*.test.{ts,tsx}"], testTimeout: 30_000, hookTimeout: 60_000 },
});
