import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { BUDGET_BYTES, gzipBytes, options } from "../build.mjs";

describe("the bundle", () => {
  let script: Uint8Array;
  beforeAll(async () => {
    const { outputFiles } = await build({ ...options, write: false });
    script = outputFiles!.find(({ path }) => path.endsWith("widget.js"))!.contents;
  });

  it("with worker and worklets stays within its budget after gzip", () => {
    expect(gzipBytes(script)).toBeLessThanOrEqual(BUDGET_BYTES);
  });

  it("is one file that needs no other, as anywidget imports it from a Blob URL", () => {
    const text = new TextDecoder().decode(script);
    expect(text).not.toMatch(/(?:^|[;\s}])import\s*["'{*a-zA-Z]/);
    expect(text).not.toMatch(/new Worker\((?:"|new URL)/);
  });

  it("gives anywidget a render function and runs nothing that needs a page when imported", async () => {
    const url = `data:text/javascript;base64,${Buffer.from(script).toString("base64")}`;
    const module = (await import(/* @vite-ignore */ url)) as { default: { render: unknown } };
    expect(module.default.render).toBeTypeOf("function");
  });
});
