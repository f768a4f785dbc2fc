/** What the session takes from its host, named so that tests run it on other hosts. */

/** How a large body is on its way. */
export interface SendOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Called with the share that is sent, 0 to 1. */
  readonly onProgress: (share: number) => void;
  readonly signal?: AbortSignal;
}

/** What the server answered: its JSON, null where it is none. */
export interface SendAnswer {
  readonly ok: boolean;
  readonly body: unknown;
}

export interface Environment {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** POSTs a body and tells how far it is, which `fetch` cannot; rejects where nobody answers. */
  readonly send: (url: string, body: Blob, options: SendOptions) => Promise<SendAnswer>;
  readonly openSocket: (url: string) => WebSocket;
  /** Against which a relative base URL is resolved. */
  readonly location: string;
  readonly cookies: () => string;
  /** Survives a reload of this tab, nothing else; null where the host forbids it. */
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  /** Source of `online`, `pagehide` and `pageshow`. */
  readonly window: EventTarget | null;
  /** Source of `visibilitychange`. */
  readonly document: (EventTarget & { readonly visibilityState: string }) | null;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly newId: () => string;
}

/** Waits and limits, ms; tests shrink them. */
export interface Timings {
  /** Most of the first wait after a loss; doubles with each failure. */
  readonly backoffBase: number;
  readonly backoffCap: number;
  /** Least wait after the relay said "too fast". */
  readonly tooFastWait: number;
  /** A connection that lived so long starts the back-off anew. */
  readonly stableAfter: number;
  /** From the ticket request to `welcome`. */
  readonly openTimeout: number;
  readonly pingInterval: number;
  /** A connection that is silent so long after a ping is dead. */
  readonly pongTimeout: number;
  /** The same after the page came back from sleep or offline. */
  readonly probeTimeout: number;
  /** After the last view has gone. */
  readonly viewGrace: number;
}

export const DEFAULT_TIMINGS: Timings = {
  backoffBase: 500,
  backoffCap: 15_000,
  tooFastWait: 5_000,
  stableAfter: 5_000,
  openTimeout: 15_000,
  pingInterval: 10_000,
  pongTimeout: 10_000,
  probeTimeout: 5_000,
  viewGrace: 10_000,
};

/** `crypto.randomUUID` is missing on plain HTTP; `getRandomValues` is not. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function tabStorage(): Environment["storage"] {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null; // sandboxed frames throw
  }
}

function sendByXhr(url: string, body: Blob, options: SendOptions): Promise<SendAnswer> {
  const { headers, onProgress, signal } = options;
  const request = new XMLHttpRequest();
  const answer = new Promise<SendAnswer>((resolve, reject) => {
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () =>
      resolve({ ok: request.status >= 200 && request.status < 300, body: request.response });
    request.onerror = request.onabort = request.ontimeout = () => reject(new Error("no answer"));
  });
  const stop = () => request.abort();
  signal?.addEventListener("abort", stop);
  request.send(body);
  return answer.finally(() => signal?.removeEventListener("abort", stop));
}

/** The page this code runs in. */
export function browserEnvironment(): Environment {
  return {
    fetch: (url, init) => fetch(url, init),
    send: sendByXhr,
    openSocket: (url) => new WebSocket(url),
    location: location.href,
    cookies: () => document.cookie,
    storage: tabStorage(),
    window,
    document,
    random: Math.random,
    newId: randomId,
  };
}
