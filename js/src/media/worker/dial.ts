/** One attempt to open a media socket, and whose turn it is to make one. */

export interface Endpoint {
  readonly url: string;
  readonly token: string;
}

/** How an attempt ended: a greeted socket, the code it was closed with, or silence. */
export type DialResult =
  | { readonly socket: WebSocket }
  | { readonly code: number }
  | { readonly code: null };

interface Waiting {
  readonly by: object;
  readonly rank: number;
  readonly enter: () => void;
}

/**
 * Browsers shake hands with one host on one WebSocket at a time (RFC 6455, 4.1): an attempt whose
 * packets were lost holds all others up until it is given up. So the lanes take turns, sound first.
 */
export class Turnstile {
  #inside: object | null = null;
  readonly #waiting: Waiting[] = [];

  /** Calls `enter` when it is `by`'s turn; a smaller rank goes first. */
  wait(by: object, rank: number, enter: () => void): void {
    this.#waiting.push({ by, rank, enter });
    this.#waiting.sort((a, b) => a.rank - b.rank);
    this.#next();
  }

  /** `by` is done, or waits no longer. */
  leave(by: object): void {
    const at = this.#waiting.findIndex((one) => one.by === by);
    if (at >= 0) this.#waiting.splice(at, 1);
    if (this.#inside === by) this.#inside = null;
    this.#next();
  }

  #next(): void {
    if (this.#inside) return;
    const next = this.#waiting.shift();
    if (!next) return;
    this.#inside = next.by;
    next.enter();
  }
}

/** A socket that is being opened. */
export class Dial {
  readonly #socket: WebSocket;
  #limit: ReturnType<typeof setTimeout>;
  #ended = false;

  /** @param limitMs to open, and as much again to be greeted. */
  constructor(
    { url, token }: Endpoint,
    kinds: readonly string[],
    limitMs: number,
    /** The hand is shaken: others may try. */
    readonly shaken: () => void,
    readonly done: (result: DialResult) => void,
  ) {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#limit = setTimeout(() => this.#giveUp(), limitMs);
    socket.onopen = () => {
      clearTimeout(this.#limit);
      this.#limit = setTimeout(() => this.#giveUp(), limitMs);
      socket.send(JSON.stringify({ type: "hello", token, kinds }));
      shaken();
    };
    socket.onmessage = () => {
      // The first frame is the relay's "ready".
      this.#end();
      done({ socket });
    };
    socket.onerror = () => {}; // `close` follows and tells the code
    socket.onclose = ({ code }) => {
      if (this.#end()) done({ code });
    };
  }

  /** Whether the relay may have read the hello: from here on it counts as the lane's socket. */
  get opened(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  cancel(): void {
    if (this.#end()) this.#socket.close();
  }

  #giveUp(): void {
    this.cancel();
    this.done({ code: null });
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    clearTimeout(this.#limit);
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    return true;
  }
}
