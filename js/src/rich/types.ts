/**
 * What the part for rich text offers to the rest of the interface. No code.
 *
 * The part is a bundle of its own, loaded when a room is shown, from the page's own server. That
 * server's meetwidget may be of another version than the widget's (which comes out of a kernel's
 * environment), so the seam between the two is narrow: functions that show something inside of an
 * element, with plain data. Members may be added and are then optional, none is renamed; what
 * breaks this changes `RICH_API`.
 */

/** Of the interfaces below. */
export const RICH_API = 1;

/** A MIME bundle: MIME type to content, unsanitized. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** Texts for people, in the language of the interface. */
export interface RichWords {
  readonly copy: string;
  readonly copied: string;
  readonly insert: string;
  readonly inserted: string;
  readonly code: string;
  readonly output: string;
  readonly done: string;
  readonly notDone: string;
  readonly imageFrom: (name: string) => string;
  readonly cannotShow: (types: string) => string;
  readonly cannotShowPlot: string;
  readonly badMath: string;
  readonly executed: (count: number) => string;
  readonly table: string;
  readonly enlarge: string;
  readonly close: string;
}

/** What is around a piece of rich text. */
export interface RichAround {
  /** What is missing is English. */
  readonly words: Partial<RichWords>;
  /** Puts code into the reader's own notebook; null where that is not possible. */
  readonly insert: ((source: string, language: string) => Promise<unknown>) | null;
}

/** Somebody who is named in a text. */
export interface RichMention {
  /** As written after the `@`. */
  readonly text: string;
  /** Whether it is the reader. */
  readonly me: boolean;
}

export interface Rich {
  readonly api: number;
  /** Shows Markdown inside of `host`, which is this function's alone; call it again to change it. */
  showMarkdown(
    host: HTMLElement,
    content: { readonly body: string; readonly mentions: readonly RichMention[] },
    around: RichAround,
  ): void;
  /** The same with a MIME bundle; `from` is the name of who shares it. */
  showBundle(
    host: HTMLElement,
    content: { readonly data: MimeBundle; readonly from: string },
    around: RichAround,
  ): void;
  /** Takes away what the functions above show. */
  clear(host: HTMLElement): void;
  /** Emoji by shortcode (`tada`: 🎉), those of `:tada:` in Markdown. */
  readonly emoji: Readonly<Record<string, string>>;
}
