import type { BuildOptions } from "esbuild";

export const BUDGET_BYTES: number;
export const options: BuildOptions;
export const pageOptions: BuildOptions;
export function gzipBytes(data: Uint8Array): number;
