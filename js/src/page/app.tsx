/** The whole page: which part of it is shown, and the way between them without a reload. */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { Component, type ComponentChildren, createContext, type JSX } from "preact";
import { useContext, useEffect } from "preact/hooks";
import type { Api } from "./api.js";
import { Card, TopBar } from "./chrome.js";
import type { PageConfig } from "./config.js";
import type { Directory } from "./directory.js";
import { GuestPage } from "./guest-page.js";
import { HomePage } from "./home-page.js";
import { RoomPage } from "./room-page.js";
import { type Route, roomPath, routeOf } from "./route.js";
import { words } from "./words.js";

/** What every part of the page may use. */
export interface PageView {
  readonly config: PageConfig;
  readonly api: Api;
  readonly directory: Directory;
  readonly route: ReadonlySignal<Route>;
  /** The room that was left by its own button just now; null after another visit. */
  readonly left: Signal<string | null>;
  /** Rooms whose Join was pressed on this page: they need no second click. */
  readonly wanted: Set<string>;
  /** `instead`: the page that is left is taken out of the browser's history. */
  goHome(how?: "instead"): void;
  goToRoom(room: string): void;
}

const PageContext = createContext<PageView | null>(null);

export function usePage(): PageView {
  const view = useContext(PageContext);
  if (!view) throw new Error("usePage outside of the page");
  return view;
}

/** Makes the page's state, and follows the browser's back and forward buttons. */
export function createView(config: PageConfig, api: Api, directory: Directory): PageView {
  const route = signal<Route>(routeOf(config.base, location));
  const follow = (): void => {
    route.value = routeOf(config.base, location);
  };
  addEventListener("popstate", follow);
  addEventListener("hashchange", follow);
  const go = (path: string, how?: "instead"): void => {
    if (how === "instead") history.replaceState(null, "", path);
    else history.pushState(null, "", path);
    follow();
  };
  const left = signal<string | null>(null);
  const wanted = new Set<string>();
  return {
    config,
    api,
    directory,
    route,
    left,
    wanted,
    goHome: (how) => go(config.base, how),
    goToRoom: (room) => {
      left.value = null;
      wanted.add(room);
      go(roomPath(config.base, room));
    },
  };
}

class Boundary extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };

  override componentDidCatch(error: unknown): void {
    console.error("meetwidget:", error);
    this.setState({ failed: true });
  }

  override render(): ComponentChildren {
    if (!this.state.failed) return this.props.children;
    return (
      <div class="mp-page">
        <Card icon="alert" title={words.crashTitle} text={words.crashText} testId="mp-crash" />
      </div>
    );
  }
}

export function App({ view }: { view: PageView }): JSX.Element {
  return (
    <PageContext.Provider value={view}>
      <Boundary>
        <Shown />
      </Boundary>
    </PageContext.Provider>
  );
}

function Shown(): JSX.Element {
  const { route } = usePage();
  const shown = route.value;
  switch (shown.page) {
    case "home":
      return <HomePage />;
    case "room":
      return <RoomPage room={shown.room} key={shown.room} />;
    case "guest":
      return <GuestPage link={shown.link} key={shown.link} />;
    default:
      return <UnknownPage />;
  }
}

function UnknownPage(): JSX.Element {
  useTitle(words.unknownTitle);
  return (
    <div class="mp-page">
      <TopBar />
      <Card icon="alert" title={words.unknownTitle} text={words.unknownText} testId="mp-unknown">
        <HomeLink class="mp-solid">{words.allRooms}</HomeLink>
      </Card>
    </div>
  );
}

/** Names the tab. */
export function useTitle(what: string | null): void {
  useEffect(() => {
    document.title = what === null ? words.name : words.title(what);
  }, [what]);
}

/** A plain click stays on this page; Ctrl, Shift and the middle button do what they always do. */
export function plainClick(event: MouseEvent): boolean {
  const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  return event.button === 0 && !modified && !event.defaultPrevented;
}

interface LinkProps {
  readonly class?: string;
  readonly label?: string;
  readonly children: ComponentChildren;
}

/** Back to the list of rooms. */
export function HomeLink({ class: name, label, children }: LinkProps): JSX.Element {
  const { config, goHome } = usePage();
  return (
    <a
      class={name}
      href={config.base}
      aria-label={label}
      data-testid="mp-home"
      onClick={(event) => {
        if (!plainClick(event)) return;
        event.preventDefault();
        goHome();
      }}
    >
      {children}
    </a>
  );
}
