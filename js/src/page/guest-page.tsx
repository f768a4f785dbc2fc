/** The page of a guest link: asks for a name, then shows the room. Needs no account. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { browserEnvironment } from "../session/environment.js";
import { MeetSession } from "../session/session.js";
import { PageFailure } from "./api.js";
import { usePage, useTitle } from "./app.js";
import { Card, TopBar } from "./chrome.js";
import { type GuestPass, guestNameProblem, MAX_GUEST_NAME, openPass } from "./guest.js";
import { Meeting } from "./meeting.js";
import { isFull } from "./room-page.js";
import { knownGuest, rememberGuest } from "./tab.js";
import { words } from "./words.js";

export function GuestPage({ link }: { link: string }): JSX.Element {
  const pass = useSignal<GuestPass | null>(null);
  const refused = useSignal<PageFailure | null>(null);
  if (pass.value) return <GuestRoom pass={pass.value} />;
  return (
    <div class="mp-page" data-testid="mp-guest-page">
      <TopBar home={false} />
      <main class="mp-main mp-narrow">
        {link === "" ? (
          <NoLink />
        ) : refused.value ? (
          <Refused failure={refused.value} />
        ) : (
          <GuestForm
            link={link}
            onPass={(opened) => {
              pass.value = opened;
            }}
            onRefused={(failure) => {
              refused.value = failure;
            }}
          />
        )}
      </main>
    </div>
  );
}

function NoLink(): JSX.Element {
  useTitle(words.noLinkTitle);
  return (
    <Card
      icon="alert"
      title={words.noLinkTitle}
      text={words.noLinkText}
      testId="mp-guest-no-link"
    />
  );
}

/** A decision about the link; another name would not change it. */
function Refused({ failure }: { failure: PageFailure }): JSX.Element {
  useTitle(words.guestRefusedTitle);
  return (
    <Card
      icon="lock"
      title={words.guestRefusedTitle}
      text={failure.message}
      testId="mp-guest-refused"
    />
  );
}

interface FormProps {
  readonly link: string;
  readonly onPass: (pass: GuestPass) => void;
  readonly onRefused: (failure: PageFailure) => void;
}

/** Codes of the service that another name may mend. */
const ABOUT_THE_NAME: ReadonlySet<string> = new Set(["bad-request", "invalid-name"]);

function GuestForm({ link, onPass, onRefused }: FormProps): JSX.Element {
  const { api } = usePage();
  const known = useMemo(() => knownGuest(), []);
  const name = useSignal(known.name);
  const problem = useSignal<string | null>(null);
  const joining = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  useTitle(words.guestTitle);
  const join = async (): Promise<void> => {
    const given = name.value.trim();
    problem.value = guestNameProblem(given);
    if (problem.value !== null) {
      field.current?.focus();
      return;
    }
    joining.value = true;
    try {
      // Under another name they are somebody else.
      const guest = given === known.name ? known.guest : null;
      onPass(await openPass(api, link, { name: given, guest }, rememberGuest));
    } catch (error) {
      const failure = error instanceof PageFailure ? error : null;
      if (failure?.kind === "refused" && !ABOUT_THE_NAME.has(failure.code)) onRefused(failure);
      else problem.value = failure?.message ?? String(error);
    } finally {
      joining.value = false;
    }
  };
  return (
    <form
      class="mp-guest"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!joining.value) void join();
      }}
    >
      <h1>{words.guestTitle}</h1>
      <p class="mp-muted">{words.guestText}</p>
      <label for="mp-guest-name">{words.guestName}</label>
      <input
        id="mp-guest-name"
        ref={field}
        type="text"
        value={name.value}
        placeholder={words.guestExample}
        maxLength={MAX_GUEST_NAME * 2}
        autocomplete="name"
        enterkeyhint="go"
        aria-invalid={problem.value !== null}
        aria-describedby="mp-guest-hint"
        data-testid="mp-guest-name"
        onInput={(event) => {
          name.value = event.currentTarget.value;
          if (problem.value !== null) problem.value = null;
        }}
      />
      <p
        id="mp-guest-hint"
        class={problem.value === null ? "mp-hint" : "mp-hint mp-problem"}
        role={problem.value === null ? undefined : "alert"}
        data-testid="mp-guest-hint"
      >
        {problem.value}
      </p>
      <button type="submit" class="mp-solid" disabled={joining.value} data-testid="mp-guest-join">
        {joining.value ? words.guestJoining : words.guestJoin}
      </button>
    </form>
  );
}

function GuestRoom({ pass }: { pass: GuestPass }): JSX.Element {
  const { api, config } = usePage();
  const session = useMemo(() => {
    const { room, fetchTicket } = pass;
    // Not the page's shared session: another link may lead to the same room.
    const made = new MeetSession(
      { room, baseUrl: config.base, apiUrl: api.url, fetchTicket },
      browserEnvironment(),
    );
    made.join(); // the form's button was the click
    return made;
  }, [pass, api.url, config.base]);
  const title = session.roomInfo.value?.title || pass.room;
  const full = isFull(session.phase.value, session.you.value !== null);
  useTitle(title);
  return (
    <div class="mp-page mp-window">
      {!full && <TopBar home={false} room={title} />}
      <Meeting session={session} link={null} returning={false} />
    </div>
  );
}
