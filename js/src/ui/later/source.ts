/** Fetches the part of the interface that is loaded later, from the page's own server. */

import type * as parts from "./parts.js";
import { sharedModules } from "./shared.js";

export type Parts = typeof parts;

type Make = (require: (name: string) => unknown) => Parts;

/** `tries`: how often it was tried before; browsers remember a module that could not be loaded. */
export async function fetchParts(assetsUrl: string, tries: number): Promise<Parts> {
  const base = new URL(assetsUrl, location.href);
  // Code is taken from the page's own server alone.
  if (base.origin !== location.origin) throw new Error(`${base.origin} is another server.`);
  const url = new URL(`rich/later-${__MEETWIDGET_LATER__}.js`, base);
  if (tries > 0) url.searchParams.set("try", String(tries));
  const { default: make } = (await import(/* @vite-ignore */ url.href)) as { default: Make };
  const modules = sharedModules();
  return make((name) => modules[name]);
}
