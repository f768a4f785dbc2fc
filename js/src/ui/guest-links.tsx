/** Guest links of a room: made, copied once, taken back. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { GuestLink } from "../session/index.js";
import { CopyLine } from "./invite.js";
import { words } from "./later/words.js";
import { strings } from "./strings.js";
import { useRoom } from "./view.js";

/** How long a link may be asked to live, hours; the hub may grant less. */
const HOURS = [1, 4, 24, 168];

function until(link: GuestLink): string {
  return new Date(link.expiresAt).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

export function GuestLinks(): JSX.Element {
  const { session } = useRoom();
  const [links, setLinks] = useState<readonly GuestLink[]>([]);
  const [made, setMade] = useState<GuestLink | null>(null);
  const [hours, setHours] = useState(4);
  const [failure, setFailure] = useState("");
  /** Does `action`, and shows what there is afterwards, or why it failed. */
  const run = async (action?: () => Promise<void>): Promise<void> => {
    try {
      await action?.();
      setLinks(await session.guestLinks());
      setFailure("");
    } catch (error) {
      setFailure((error as Error).message);
    }
  };
  useEffect(() => void run(), [session]);
  return (
    <section data-testid="mw-guest-links">
      <h4>{words.guestLinks}</h4>
      <p class="mw-muted">{words.guestLinksHint}</p>
      <span class="mw-copy">
        <select
          aria-label={words.linkFor}
          data-lm-suppress-shortcuts="true"
          onChange={(event) => setHours(Number(event.currentTarget.value))}
        >
          {HOURS.map((value) => (
            <option key={value} value={value} selected={value === hours}>
              {words.linkHours(value)}
            </option>
          ))}
        </select>
        <button
          type="button"
          class="mw-outline"
          data-testid="mw-guest-link"
          onClick={() => void run(async () => setMade(await session.createGuestLink({ hours })))}
        >
          {words.linkMake}
        </button>
      </span>
      <div role="status">
        {failure !== "" && <p class="mw-failed">{failure}</p>}
        {made?.url && (
          <>
            <CopyLine text={made.url} label={strings.copyLink} />
            <p class="mw-muted">{words.linkOnce}</p>
          </>
        )}
      </div>
      <ul>
        {links.map((link) => (
          <li class="mw-guest-link" key={link.id}>
            <span>
              {words.linkUntil(until(link))}
              {link.label !== null && ` · ${link.label}`}
              <p class="mw-muted">{words.linkFacts(link.createdBy, link.uses)}</p>
            </span>
            <button
              type="button"
              class="mw-link mw-danger"
              aria-label={words.linkRevokeLong(until(link))}
              onClick={() => {
                if (made?.id === link.id) setMade(null);
                void run(() => session.revokeGuestLink(link.id));
              }}
            >
              {words.linkRevoke}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
