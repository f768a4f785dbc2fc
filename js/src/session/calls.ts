/**
 * What a session asks of the relay and of the server, and is answered: the part of it that has
 * nothing to do with coming and going.
 */

import type { ReadonlySignal } from "@preact/signals-core";
import { Chat } from "./chat.js";
import { compose } from "./compose.js";
import type { Environment } from "./environment.js";
import type { MeetingError } from "./failure.js";
import { Files } from "./files.js";
import { GuestLinks } from "./guest-links.js";
import { fetchPage } from "./history.js";
import { Outbox, type Reliable } from "./outbox.js";
import { Passages } from "./passage.js";
import { Passing } from "./passing.js";
import { RoomRest } from "./rest.js";
import { RoomState } from "./room-state.js";
import { search } from "./search.js";
import { checkSize } from "./sizes.js";
import type * as api from "./types.js";

/** One page of history. */
const HISTORY_PAGE = 100;
const HISTORY_FAILED = "Older messages could not be loaded; try again.";

/** `baseUrl` made absolute, with a final slash. */
export function absoluteBase(baseUrl: string, page: string): string {
  return new URL(baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`, page).href;
}

/** Where the REST API is, absolute, with a final slash. */
export function apiBase(options: api.SessionOptions, page: string): string {
  const { apiUrl, baseUrl } = options;
  return apiUrl === undefined
    ? `${absoluteBase(baseUrl, page)}meet/api/`
    : absoluteBase(apiUrl, page);
}

export abstract class SessionCalls {
  readonly room: string;
  readonly baseUrl: string;
  readonly apiUrl: string;
  readonly assetsUrl: string;

  protected readonly state = new RoomState();
  protected readonly passing = new Passing();
  protected readonly outbox = new Outbox((message) => this.transmit(message));
  protected readonly chat = new Chat(this.outbox, (id) => void this.find(id).catch(() => {}));
  protected readonly rest: RoomRest;
  protected readonly passages: Passages;
  readonly #guestLinks: GuestLinks;
  readonly #files: Files;

  readonly messages = this.chat.messages;
  readonly history = this.chat.history;
  readonly pinned = this.chat.pinned;
  readonly passage: ReadonlySignal<api.Passage | null>;
  readonly limits = this.state.limits;
  readonly notices = this.passing.notices;

  constructor(
    options: api.SessionOptions,
    readonly environment: Environment,
  ) {
    this.room = options.room;
    this.baseUrl = absoluteBase(options.baseUrl, environment.location);
    this.apiUrl = apiBase(options, environment.location);
    this.assetsUrl = new URL("../static/", this.apiUrl).href;
    const token = () => this.state.media.peek()?.token ?? null;
    this.rest = new RoomRest(environment, this.apiUrl, this.room, token);
    this.passages = new Passages(this.chat, this.rest);
    this.passage = this.passages.passage;
    this.#guestLinks = new GuestLinks(this.rest);
    this.#files = new Files(this.rest, () => this.limits.peek());
  }

  /** Writes one message to the connection, if there is one. */
  protected abstract transmit(message: Reliable): void;

  say(body: string, options: api.SayOptions = {}): string {
    checkSize(this.limits.peek(), body, options.data);
    const cid = this.environment.newId();
    this.chat.send(compose(cid, body, options), options.files);
    return cid;
  }

  retry(cid: string): void {
    this.chat.retry(cid);
  }

  discard(cid: string): void {
    this.chat.discard(cid);
  }

  async edit(id: string, body: string): Promise<void> {
    checkSize(this.limits.peek(), body);
    await this.#ask({ type: "chat.edit", cid: this.environment.newId(), id, body });
  }

  remove(id: string): Promise<void> {
    return this.#ask({ type: "chat.delete", cid: this.environment.newId(), id });
  }

  react(id: string, emoji: string, on: boolean): Promise<void> {
    return this.#ask({ type: "chat.react", cid: this.environment.newId(), id, emoji, on });
  }

  vote(id: string, options: readonly number[]): Promise<void> {
    const chosen = [...new Set(options)].sort((a, b) => a - b);
    return this.#ask({ type: "chat.vote", cid: this.environment.newId(), id, options: chosen });
  }

  closePoll(id: string): Promise<void> {
    return this.#ask({ type: "chat.close", cid: this.environment.newId(), id });
  }

  pin(id: string, on: boolean): Promise<void> {
    return this.#ask({ type: "chat.pin", cid: this.environment.newId(), id, on });
  }

  moderate(
    action: Parameters<api.Session["moderate"]>[0],
    target?: string,
    role?: api.Role,
  ): Promise<void> {
    const cid = this.environment.newId();
    return this.#ask({ type: "moderate", cid, action, target, role });
  }

  setRoom(patch: api.RoomPatch): Promise<void> {
    return this.#ask({ type: "room.set", cid: this.environment.newId(), ...patch });
  }

  /** Sends, and tells people of a refusal, so that a caller may ignore it. */
  #ask(message: Reliable): Promise<void> {
    const done = this.outbox.add(message).then(
      () => {},
      (error: MeetingError) => {
        if (error.code !== "ended") this.notify("error", error.code, error.message);
        throw error;
      },
    );
    done.catch(() => {});
    return done;
  }

  guestLinks(): Promise<readonly api.GuestLink[]> {
    return this.#guestLinks.list();
  }

  createGuestLink(options: Parameters<api.Session["createGuestLink"]>[0]): Promise<api.GuestLink> {
    return this.#guestLinks.create(options);
  }

  revokeGuestLink(id: string): Promise<void> {
    return this.#guestLinks.revoke(id);
  }

  loadHistory(limit = HISTORY_PAGE): Promise<void> {
    return this.chat.loadOlder((before) => fetchPage(this.rest, { before }, HISTORY_FAILED, limit));
  }

  message(id: string): api.ChatMessage | undefined {
    return this.chat.message(id);
  }

  find(id: string): Promise<api.ChatMessage | null> {
    return this.passages.find(id);
  }

  visit(id: string): Promise<boolean> {
    return this.passages.visit(id);
  }

  loadPassage(direction: "older" | "newer"): Promise<void> {
    return this.passages.load(direction);
  }

  leavePassage(): void {
    this.passages.leave();
  }

  search(query: string, options?: Parameters<api.Session["search"]>[1]): Promise<api.SearchPage> {
    return search(this.rest, query, options);
  }

  upload(file: Blob, name: string, options?: api.UploadOptions): Promise<api.FileRef> {
    return this.#files.upload(file, name, options);
  }

  download(file: api.FileRef, options?: api.UploadOptions): Promise<Blob> {
    return this.#files.download(file, options);
  }

  transcript(format: "ipynb" | "md" | "json"): Promise<Blob> {
    return this.#files.transcript(format);
  }

  notify(level: api.Notice["level"], code: string, text: string): void {
    this.passing.notify(level, code, text);
  }

  dismiss(notice: number): void {
    this.passing.dismiss(notice);
  }
}
