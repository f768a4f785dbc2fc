/** The corpus of frames that the Python tests run too (tests/wire/corpus). */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

function load<T>(name: string): T {
  const path = fileURLToPath(new URL(`../../tests/wire/corpus/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

export interface ValidControl {
  readonly name: string;
  readonly from: "client" | "relay";
  readonly frame: { readonly type: string };
}

export interface InvalidControl {
  readonly name: string;
  readonly from: "client" | "relay";
  readonly text: string;
  readonly outcome: "bad-frame" | "unknown-type" | "invalid-field";
}

export interface ValidMedia {
  readonly name: string;
  readonly hex: string;
  readonly header: {
    readonly kind: number;
    readonly key: boolean;
    readonly last: boolean;
    readonly layer: number;
    readonly extension: boolean;
    readonly encrypted: boolean;
    readonly handle: number;
    readonly sequence: number;
    readonly capture_us: number;
    readonly base_count: number;
    readonly config: number;
  };
  readonly payload: string;
  readonly ack?: { readonly received: number; readonly clock_us: number };
}

export const validControl = load<readonly ValidControl[]>("control-valid");
export const invalidControl = load<readonly InvalidControl[]>("control-invalid");
export const validMedia = load<readonly ValidMedia[]>("media-valid");
export const invalidMedia = load<readonly { name: string; hex: string }[]>("media-invalid");
export const rooms = load<{ valid: readonly string[]; invalid: readonly string[] }>("rooms");
