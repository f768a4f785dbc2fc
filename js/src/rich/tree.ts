/** What Markdown is read into: a tree of the few things a message may have. No code. */

/** Elements without attributes that matter; their names are HTML's. */
export type PlainTag =
  | "p"
  | "strong"
  | "em"
  | "s"
  | "blockquote"
  | "ul"
  | "li"
  | "table"
  | "thead"
  | "tbody"
  | "tr";

export type Align = "left" | "center" | "right";

export type MarkdownNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "break" }
  | { readonly kind: "rule" }
  /** Code in a line. */
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "block"; readonly text: string; readonly language: string }
  | { readonly kind: "math"; readonly tex: string; readonly display: boolean }
  /** The box of a task in a list. */
  | { readonly kind: "task"; readonly done: boolean }
  /** `src` holds the picture itself; a picture elsewhere is a link. */
  | { readonly kind: "picture"; readonly src: string; readonly alt: string }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly MarkdownNode[] }
  | { readonly kind: "heading"; readonly level: number; readonly children: readonly MarkdownNode[] }
  | { readonly kind: "ol"; readonly start: number; readonly children: readonly MarkdownNode[] }
  | {
      readonly kind: "cell";
      readonly head: boolean;
      readonly align: Align | null;
      readonly children: readonly MarkdownNode[];
    }
  | { readonly kind: "plain"; readonly tag: PlainTag; readonly children: readonly MarkdownNode[] };
