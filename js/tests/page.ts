/** A page to hold a session in Node: real sockets and fetch, a window that can be told to go away. */

import { effect } from "@preact/signals-core";
import { onTestFinished } from "vitest";
import { WebSocket as NodeSocket } from "ws";
import type { Environment, SendAnswer, SendOptions, Timings } from "../src/session/environment.js";
import { MeetSession } from "../src/session/session.js";
import type { Phase, SessionOptions } from "../src/session/types.js";
import type { SmallRelay } from "./small-relay.js";

/** Long enough for a loaded machine; nothing waits for it when all is well. */
const DEADLINE_MS = 20_000;

/** Waits of milliseconds, so that tests wait for events and not for clocks. */
export const QUICK: Partial<Timings> = { backoffBase: 5, backoffCap: 20, tooFastWait: 5 };

class TabStorage {
  readonly items = new Map<string, string>();
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
}

/** A browser tab: what survives a reload, and what does not. */
export class Page {
  readonly storage = new TabStorage();
  readonly window = new EventTarget();
  readonly document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  cookies = "";
  random = Math.random;
  #ids = 0;
  #gone = false;
  readonly #sockets = new Set<NodeSocket>();

  environment(): Environment {
    return {
      fetch: (url, init) => fetch(url, init),
      send: (url, body, options) => this.send(url, body, options),
      openSocket: (url) => {
        if (this.#gone) throw new Error("the page is gone");
        const socket = new NodeSocket(url);
        this.#sockets.add(socket);
        socket.on("error", () => {}); // a browser tells of errors by the close event alone
        return socket as unknown as WebSocket;
      },
      location: "http://127.0.0.1:1/lab",
      cookies: () => this.cookies,
      storage: this.storage,
      window: this.window,
      document: this.document,
      random: () => this.random(),
      newId: () => `cid-${process.pid}-${this.#ids++}-${Math.random()}`,
    };
  }

  /** A session on this page that leaves when the test is over. */
  session(options: Partial<SessionOptions> = {}, timings: Partial<Timings> = {}): MeetSession {
    const session = new MeetSession(
      { room: "demo", baseUrl: "/a/", ...options },
      this.environment(),
      { ...QUICK, ...timings },
    );
    onTestFinished(() => session.leave());
    return session;
  }

  /** A session that reaches `relay` without asking a Jupyter server. */
  sessionAt(relay: SmallRelay, timings: Partial<Timings> = {}): MeetSession {
    return this.session(
      {
        fetchTicket: async () => ({ ticket: "t", controlUrl: relay.url, sameOrigin: true }),
      },
      timings,
    );
  }

  /** Node has no XMLHttpRequest: the same without steps between. */
  protected async send(url: string, body: Blob, options: SendOptions): Promise<SendAnswer> {
    const { headers, onProgress, signal } = options;
    onProgress(0);
    const response = await fetch(url, { method: "POST", headers, body, signal: signal ?? null });
    onProgress(1);
    return { ok: response.ok, body: await response.json().catch(() => null) };
  }

  /** Another page of the same person. */
  protected another(): Page {
    return new Page();
  }

  /** The page goes and comes back as another life of the same tab. */
  reload(): Page {
    this.window.dispatchEvent(new Event("pagehide"));
    this.#gone = true;
    for (const socket of this.#sockets) socket.close(1001); // as browsers do
    const next = this.another();
    for (const [key, value] of this.storage.items) next.storage.setItem(key, value);
    return next;
  }
}

/** Waits until `read` (a pure look at signals and other state) is truthy, and returns that. */
export async function until<T>(read: () => T, what = "the condition"): Promise<NonNullable<T>> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const value = read();
    if (value) return value as NonNullable<T>;
    if (Date.now() > deadline) throw new Error(`${what} did not come about in ${DEADLINE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Waits for a phase. */
export function inPhase<K extends Phase["kind"]>(
  session: MeetSession,
  kind: K,
): Promise<Extract<Phase, { kind: K }>> {
  return until(() => {
    const phase = session.phase.peek();
    return phase.kind === kind ? (phase as Extract<Phase, { kind: K }>) : null;
  }, `phase ${kind}`);
}

/** Everything a signal was, from now on. */
export function record<T>(signal: { readonly value: T }): T[] {
  const values: T[] = [];
  onTestFinished(effect(() => void values.push(signal.value)));
  return values;
}
