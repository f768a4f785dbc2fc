/**
 * Shows the MIME bundle of a message: pictures and plain text. Everything else (HTML and SVG
 * above all) is named, not interpreted: a hub shares its origin with every user's server.
 */

import type { JSX } from "preact";
import { strings } from "../strings.js";

const PICTURES = ["image/png", "image/jpeg"] as const;
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

type Bundle = Readonly<Record<string, unknown>>;

/** A value of a bundle as text; Jupyter writes long texts as lists of lines. */
export function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((line) => typeof line === "string")) {
    return value.join("");
  }
  return null;
}

/** The bundle's picture as a `data:` address, or null. */
export function pictureOf(data: Bundle): string | null {
  for (const type of PICTURES) {
    const base64 = textOf(data[type]);
    if (base64 && BASE64.test(base64)) return `data:${type};base64,${base64.replace(/\s/g, "")}`;
  }
  return null;
}

export function BundleCard({ data, from }: { data: Bundle; from: string }): JSX.Element {
  const picture = pictureOf(data);
  const text = textOf(data["text/plain"]);
  if (picture) {
    return (
      <figure class="mw-card">
        <img src={picture} alt={text ?? strings.imageFrom(from)} loading="lazy" />
      </figure>
    );
  }
  if (text !== null) {
    return (
      <figure class="mw-card">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls, so it must be reachable by keyboard */}
        <pre tabIndex={0}>{text}</pre>
      </figure>
    );
  }
  return <p class="mw-muted">{strings.cannotShow(Object.keys(data).slice(0, 4).join(", "))}</p>;
}
