/**
 * What the notebook around a meeting can do for it, and the meeting for the notebook.
 *
 * The labextension (src/lab) provides the host; views take it from here. Where there is none (the
 * plain page, other hosts of anywidget, a server without the extension), `notebookHost()` is null
 * and the buttons that need it are not there.
 *
 * The extension's bundle and the widget's copies may be of different versions (a kernel's
 * environment has a meetwidget of its own), and signals of one copy do not wake effects of
 * another. So this is plain objects and functions, under a version of their own: members may be
 * added and are then optional, none is renamed.
 */

import { type Location, shared } from "../session/index.js";

/** Of the interfaces below, whatever the version of the bundle. */
const HOST_VERSION = "host/1";

export interface OpenOptions {
  /** Whether the cell takes the keyboard focus, too; default true. Following leaves it alone. */
  readonly focus?: boolean;
  /** What shall stay in sight: a notebook that is opened anew is put beside it. */
  readonly keep?: Element;
}

/** What became of `open`. */
export interface Opened {
  /** False where the notebook has no such cell (any more, or not saved yet). */
  readonly cellFound: boolean;
}

export interface InsertOptions {
  /** As notebooks name languages; default: the notebook's own. `markdown` makes such a cell. */
  readonly language?: string;
}

/** Texts of errors are one sentence for people. Paths are the server's, without a leading slash. */
export interface NotebookHost {
  /** The notebook and the cell one works in, wherever the meeting itself is; null: none is open. */
  place(): Location | null;
  /** Calls back after `place()` changed, or what `cellNumber` knows. */
  onPlace(listener: () => void): () => void;
  /** Calls back when this person scrolls, clicks or types in a notebook, outside of meetings. */
  onGesture(listener: () => void): () => void;
  /** Which one in its notebook the cell is, from 1; null while that is not open here. */
  cellNumber(place: Location): number | null;
  /** Shows a notebook at a cell. Rejects where one may not read it or it is not there. */
  open(place: Location, options?: OpenOptions): Promise<Opened>;
  /** Puts a code cell below the one of `place()`. Rejects without a notebook. */
  insertCell(source: string, options?: InsertOptions): Promise<Location>;
}

/** A meeting that one is in on this page, as the notebook around it sees it. */
export interface Meeting {
  readonly room: string;
  /** Lets the next message point at a cell, and puts the cursor where it is written. */
  point(place: Location): void;
  /** Where it is shown. */
  readonly element?: Element;
}

/** A place beside the notebook that shows one meeting, and is as high as the page lets it be. */
export interface Panel {
  readonly el: HTMLElement;
  close(): void;
}

interface Desk {
  host: NotebookHost | null;
  /** Opens a room's panel, or brings it to the front; absent where there are none. */
  panels?: (room: string) => Panel;
  /** Told when `host` or `meetings` changed. */
  readonly listeners: Set<() => void>;
  /** The one shown last comes last. */
  readonly meetings: Set<Meeting>;
}

function desk(): Desk {
  return shared<Desk>(
    "host",
    () => ({ host: null, listeners: new Set(), meetings: new Set() }),
    HOST_VERSION,
  );
}

function tell(): void {
  for (const listener of [...desk().listeners]) listener();
}

/** The notebook around us; null where there is none that can do anything. */
export function notebookHost(): NotebookHost | null {
  return desk().host;
}

/** Calls back when `notebookHost()` or `meetings()` changed. */
export function onHostChange(listener: () => void): () => void {
  desk().listeners.add(listener);
  return () => desk().listeners.delete(listener);
}

/** For the labextension: this is the host, until the returned function is called. */
export function provideHost(host: NotebookHost): () => void {
  desk().host = host;
  tell();
  return () => {
    if (desk().host !== host) return;
    desk().host = null;
    tell();
  };
}

/** For the labextension: rooms can be shown beside notebooks from now on. */
export function providePanels(open: (room: string) => Panel): void {
  desk().panels = open;
}

/** Opens a room's panel beside the notebook; null where the host has none. */
export function openPanel(room: string): Panel | null {
  return desk().panels?.(room) ?? null;
}

/** The meetings on this page; the one shown last comes last. */
export function meetings(): readonly Meeting[] {
  return [...desk().meetings];
}

/** For views: one is in this meeting, until the returned function is called. */
export function announceMeeting(meeting: Meeting): () => void {
  desk().meetings.add(meeting);
  tell();
  return () => {
    desk().meetings.delete(meeting);
    tell();
  };
}
