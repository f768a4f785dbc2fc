/** What the parts of the page share: the bar at the top, and a card that says how things are. */

import type { ComponentChildren, JSX } from "preact";
import { Icon, type IconName } from "../ui/icons.js";
import { HomeLink, usePage } from "./app.js";
import { words } from "./words.js";

/** The mark of the page, also its favicon (`hub/shell.py`): two people talking. */
function Mark(): JSX.Element {
  return (
    <svg class="mp-mark" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#1976d2" />
      <rect x="6" y="10" width="13" height="12" rx="3" fill="#fff" />
      <path d="m20.5 14.5 5.5-3.3v9.6l-5.5-3.3z" fill="#fff" />
    </svg>
  );
}

interface BarProps {
  /** Who is signed in; null while unknown. */
  readonly who?: string | null;
  /** Whether the mark leads to the list of rooms. */
  readonly home?: boolean;
  /** The room this page is about. */
  readonly room?: string;
}

export function TopBar({ who = null, home = true, room }: BarProps): JSX.Element {
  const { config } = usePage();
  return (
    <header class="mp-bar">
      {home ? (
        <HomeLink class="mp-brand" label={words.allRooms}>
          <Mark />
          <span>{words.name}</span>
        </HomeLink>
      ) : (
        <span class="mp-brand">
          <Mark />
          <span>{words.name}</span>
        </span>
      )}
      {room !== undefined && <h1 class="mp-where">{room}</h1>}
      <span class="mp-space" />
      {config.user !== null && (
        <nav class="mp-links" aria-label={words.hub}>
          {who !== null && (
            <span class="mp-who" title={words.signedInAs(who)} data-testid="mp-who">
              {who}
            </span>
          )}
          <a href={config.hubHome}>{words.hubHome}</a>
          <a href={config.logout} data-testid="mp-sign-out">
            {words.signOut}
          </a>
        </nav>
      )}
    </header>
  );
}

interface CardProps {
  readonly icon: IconName;
  readonly title: string;
  readonly text?: string;
  readonly testId: string;
  readonly children?: ComponentChildren;
}

export function Card({ icon, title, text, testId, children }: CardProps): JSX.Element {
  return (
    <div class="mp-card" data-testid={testId}>
      <span class="mp-card-icon">
        <Icon name={icon} size={24} />
      </span>
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {children && <div class="mp-card-actions">{children}</div>}
    </div>
  );
}

/** Loading the page anew leads through the hub's sign-in and back to here. */
export function SignInCard(): JSX.Element {
  return (
    <Card icon="lock" title={words.signedOutTitle} testId="mp-signed-out">
      <button type="button" class="mp-solid" onClick={() => location.reload()}>
        {words.signIn}
      </button>
    </Card>
  );
}
