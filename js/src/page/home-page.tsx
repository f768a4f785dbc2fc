/** The first page: a room's name to type, and the rooms there are. */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "../ui/icons.js";
import { roomNameProblem } from "../wire/index.js";
import type { ListedRoom, Me, PageFailure } from "./api.js";
import { plainClick, usePage, useTitle } from "./app.js";
import { Card, SignInCard, TopBar } from "./chrome.js";
import { roomPath } from "./route.js";
import { words } from "./words.js";

export function HomePage(): JSX.Element {
  const { api, config, directory, left } = usePage();
  const me = useSignal<Me | null>(null);
  useTitle(null);
  useEffect(() => {
    const shown = new AbortController();
    directory.follow(shown.signal);
    const ask = async (): Promise<void> => {
      // Without an answer the page still works; what is amiss the list says.
      const found = await api.me().catch(() => null);
      if (found === null || shown.signal.aborted) return;
      // Somebody else has signed in, in another tab: what is shown here is not theirs.
      if (config.user !== null && found.name !== config.user) location.reload();
      me.value = found;
    };
    const seen = (): void => {
      if (document.visibilityState === "visible") void ask();
    };
    document.addEventListener("visibilitychange", seen, { signal: shown.signal });
    void ask();
    return () => shown.abort();
  }, [api, config, directory, me]);
  const { rooms, failure } = directory.state.value;
  return (
    <div class="mp-page" data-testid="mp-home-page">
      <TopBar who={me.value?.displayName ?? config.user} home={false} />
      <main class="mp-main">
        {left.value !== null && <LeftLine room={left.value} />}
        <h1>{words.heading}</h1>
        <p class="mp-muted">{words.intro}</p>
        <JoinForm mayCreate={me.value?.mayCreate ?? true} />
        {failure !== null && rooms !== null && <StaleLine failure={failure} />}
        {rooms !== null && <Rooms rooms={rooms} mayCreate={me.value?.mayCreate ?? true} />}
        {rooms === null && failure === null && <RoomsSkeleton />}
        {rooms === null && failure !== null && <FailureCard failure={failure} />}
      </main>
    </div>
  );
}

function JoinForm({ mayCreate }: { mayCreate: boolean }): JSX.Element {
  const { goToRoom } = usePage();
  const name = useSignal("");
  const problem = useSignal<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const hint = problem.value ?? (mayCreate ? null : words.mayNotCreate);
  return (
    <form
      class="mp-join"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const room = name.value.trim();
        problem.value = roomNameProblem(room);
        if (problem.value === null) goToRoom(room);
        else field.current?.focus();
      }}
    >
      <label for="mp-room">{words.roomName}</label>
      <div class="mp-join-line">
        <input
          id="mp-room"
          ref={field}
          type="text"
          value={name.value}
          placeholder={words.roomExample}
          autocomplete="off"
          autocapitalize="off"
          autocorrect="off"
          spellcheck={false}
          enterkeyhint="go"
          aria-invalid={problem.value !== null}
          aria-describedby="mp-room-hint"
          data-testid="mp-room-name"
          onInput={(event) => {
            name.value = event.currentTarget.value;
            // What was wrong is looked at anew while it is being mended, not before.
            if (problem.value !== null) problem.value = roomNameProblem(name.value.trim());
          }}
        />
        <button type="submit" class="mp-solid" data-testid="mp-join">
          {words.join}
        </button>
      </div>
      <p
        id="mp-room-hint"
        class={problem.value === null ? "mp-hint" : "mp-hint mp-problem"}
        role={problem.value === null ? undefined : "alert"}
        data-testid="mp-room-hint"
      >
        {hint}
      </p>
    </form>
  );
}

function LeftLine({ room }: { room: string }): JSX.Element {
  const { goToRoom } = usePage();
  return (
    <div class="mp-line" role="status" data-testid="mp-left">
      <Icon name="leave" size={18} />
      <span>{words.youLeft(room)}</span>
      <button type="button" class="mp-link" onClick={() => goToRoom(room)}>
        {words.rejoin}
      </button>
    </div>
  );
}

function StaleLine({ failure }: { failure: PageFailure }): JSX.Element {
  const { directory } = usePage();
  const { loading } = directory.state.value;
  return (
    <div class="mp-line mp-line-warn" role="alert" data-testid="mp-stale">
      <Icon name="alert" size={18} />
      <span>{words.stale(failure.message)}</span>
      <button
        type="button"
        class="mp-link"
        disabled={loading}
        onClick={() => void directory.refresh()}
      >
        {loading ? words.trying : words.tryAgain}
      </button>
    </div>
  );
}

function FailureCard({ failure }: { failure: PageFailure }): JSX.Element {
  const { directory } = usePage();
  const { loading } = directory.state.value;
  if (failure.kind === "signed-out") return <SignInCard />;
  return (
    <Card icon="plug" title={words.failedTitle} text={failure.message} testId="mp-failed">
      <button
        type="button"
        class="mp-solid"
        disabled={loading}
        onClick={() => void directory.refresh()}
      >
        {loading ? words.trying : words.tryAgain}
      </button>
    </Card>
  );
}

function RoomsSkeleton(): JSX.Element {
  return (
    <div class="mp-rooms" role="status" aria-label={words.loading} data-testid="mp-loading">
      {[1, 2, 3].map((place) => (
        <span class="mp-room mp-room-skeleton" key={place} />
      ))}
    </div>
  );
}

function Rooms({
  rooms,
  mayCreate,
}: {
  rooms: readonly ListedRoom[];
  mayCreate: boolean;
}): JSX.Element {
  if (rooms.length === 0) {
    return (
      <Card
        icon="people"
        title={words.noRooms}
        text={mayCreate ? words.noRoomsCreate : words.noRoomsWait}
        testId="mp-no-rooms"
      />
    );
  }
  const live = rooms.filter((room) => room.participants > 0);
  const others = rooms.filter((room) => room.participants === 0);
  return (
    <>
      {live.length > 0 && <RoomList title={words.live} rooms={live} />}
      {others.length > 0 && <RoomList title={words.others} rooms={others} />}
    </>
  );
}

function RoomList({ title, rooms }: { title: string; rooms: readonly ListedRoom[] }): JSX.Element {
  return (
    <section class="mp-list" aria-label={title}>
      <h2>
        {title} <span class="mp-muted">{rooms.length}</span>
      </h2>
      <ul class="mp-rooms" data-testid="mp-rooms">
        {rooms.map((room) => (
          <li key={room.name}>
            <RoomRow room={room} />
          </li>
        ))}
      </ul>
    </section>
  );
}

type BadgeName = keyof typeof words.badges;

const BADGE_ICONS: Record<BadgeName, IconName> = {
  locked: "lock",
  lobby: "hand",
  invited: "invite",
  private: "lock",
};

function badgesOf(room: ListedRoom): readonly BadgeName[] {
  const badges: BadgeName[] = room.locked ? ["locked"] : [];
  return room.access === "open" ? badges : [...badges, room.access];
}

function RoomRow({ room }: { room: ListedRoom }): JSX.Element {
  const { config, goToRoom } = usePage();
  const live = room.participants > 0;
  return (
    <a
      class="mp-room"
      href={roomPath(config.base, room.name)}
      data-testid="mp-room"
      data-room={room.name}
      data-live={live}
      onClick={(event) => {
        if (!plainClick(event)) return;
        event.preventDefault();
        goToRoom(room.name);
      }}
    >
      <span class="mp-room-what">
        <span class="mp-room-title">{room.title}</span>
        {room.title !== room.name && <span class="mp-room-name">{room.name}</span>}
        {badgesOf(room).map((badge) => (
          <span class="mp-badge" key={badge} title={words.badgeHints[badge]}>
            <Icon name={BADGE_ICONS[badge]} size={12} />
            {words.badges[badge]}
          </span>
        ))}
      </span>
      <span class="mp-room-count" title={live ? words.inside(room.participants) : undefined}>
        <Icon name="people" size={16} />
        {live ? room.participants : words.nobody}
        {live && <span class="mp-hidden">{words.inTheRoom}</span>}
      </span>
      <span class="mp-room-join" aria-hidden="true">
        {words.join}
      </span>
    </a>
  );
}
