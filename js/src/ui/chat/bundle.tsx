/**
 * A MIME bundle that somebody shares, as a card. The part for rich text draws it; without that,
 * its plain text is shown. Nothing in a bundle is ever put on the page as it is: a hub shares its
 * origin with every user's server.
 */

import type { JSX } from "preact";
import { useCallback } from "preact/hooks";
import type { MimeBundle, Rich, RichAround } from "../../rich/types.js";
import type { Location } from "../../session/index.js";
import { PlaceChip } from "../place-chip.js";
import { strings } from "../strings.js";
import { RichText } from "./rich.js";

/** A value of a bundle as text; Jupyter writes long texts as lists of lines. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  return Array.isArray(value) && value.every((line) => typeof line === "string")
    ? value.join("")
    : null;
}

export function BundleCard({
  data,
  from,
  location = null,
}: {
  readonly data: MimeBundle;
  /** Name of who shares it. */
  readonly from: string;
  /** The notebook and cell it comes from. */
  readonly location?: Location | null;
}): JSX.Element {
  const show = useCallback(
    (rich: Rich, host: HTMLElement, around: RichAround) =>
      rich.showBundle(host, { data, from }, around),
    [data, from],
  );
  return (
    <div class="mw-shared" data-testid="mw-shared">
      <RichText class="mw-rich" show={show} otherwise={() => <PlainCard data={data} />} />
      {location && <PlaceChip place={location} verb={strings.sharedFrom} />}
    </div>
  );
}

function PlainCard({ data }: { readonly data: MimeBundle }): JSX.Element {
  const text = textOf(data["text/plain"]);
  if (text === null) {
    return <p class="mw-muted">{strings.cannotShow(Object.keys(data).slice(0, 4).join(", "))}</p>;
  }
  return (
    <figure class="mw-card">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls, so it must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </figure>
  );
}
