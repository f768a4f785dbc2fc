/** What stands above the oldest message: how to get older ones, or that there are none. */

import type { JSX } from "preact";
import { Icon } from "../icons.js";
import { strings } from "../strings.js";

/** A chat of fewer messages needs no word about where it begins. */
const LONG = 30;

interface Props {
  readonly more: boolean;
  readonly loading: boolean;
  readonly error: string | null;
  /** How many messages there are. */
  readonly count: number;
  readonly onLoad: () => void;
}

export function Edge({ more, loading, error, count, onLoad }: Props): JSX.Element | null {
  if (loading) return <p class="mw-older">{strings.loadingOlder}</p>;
  if (error !== null || more) {
    return (
      <p class="mw-older">
        {error !== null && <>{strings.olderFailed} </>}
        <button type="button" class="mw-link" data-testid="mw-older" onClick={onLoad}>
          {error !== null ? strings.retry : strings.loadOlder}
        </button>
      </p>
    );
  }
  if (count > 0) return count < LONG ? null : <p class="mw-older">{strings.beginning}</p>;
  return (
    <div class="mw-empty">
      <Icon name="chat" size={28} />
      <b>{strings.noMessages}</b>
      <p>{strings.noMessagesHint}</p>
    </div>
  );
}
