import type { BuildOptions, Plugin } from "esbuild";
import type { Plugin as VitePlugin } from "vitest/config";

export function bundleInline(
  path: string,
  options?: BuildOptions,
): Promise<{ code: string; files: string[] }>;
export function inlineScripts(options?: BuildOptions): Plugin;
export function inlineScriptsForVite(options?: BuildOptions): VitePlugin;
