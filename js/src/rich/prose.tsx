/** Shows the tree of markdown.ts as components: text is only ever text. */

import type { ComponentChildren, JSX } from "preact";
import { useContext, useMemo } from "preact/hooks";
import { Around } from "./around.js";
import { CodeCard } from "./code-card.js";
import { Formula } from "./formula.js";
import { readMarkdown } from "./markdown.js";
import { type NamePattern, namePattern, withNames } from "./names.js";
import type { MarkdownNode } from "./tree.js";
import type { RichMention } from "./types.js";

/** Headings of a message are below those of the page around it. */
const TOP_LEVEL = 3;

const NOBODY: readonly RichMention[] = [];

export function Prose({
  body,
  mentions = NOBODY,
}: {
  readonly body: string;
  readonly mentions?: readonly RichMention[];
}): JSX.Element {
  const nodes = useMemo(() => readMarkdown(body), [body]);
  const names = useMemo(() => namePattern(mentions), [mentions]);
  return <div class="mw-prose">{nodes.map((node, key) => show(node, key, names))}</div>;
}

function showAll(nodes: readonly MarkdownNode[], names: NamePattern | null): ComponentChildren {
  return nodes.map((node, key) => show(node, key, names));
}

function show(node: MarkdownNode, key: number, names: NamePattern | null): ComponentChildren {
  switch (node.kind) {
    case "text":
      return withNames(node.text, names);
    case "break":
      return <br key={key} />;
    case "rule":
      return <hr key={key} />;
    case "code":
      return <code key={key}>{node.text}</code>;
    case "block":
      return <CodeCard key={key} text={node.text} language={node.language} />;
    case "math":
      return <Formula key={key} tex={node.tex} display={node.display} />;
    case "task":
      return <Task key={key} done={node.done} />;
    case "picture":
      return <img key={key} class="mw-inline-picture" src={node.src} alt={node.alt} />;
    case "link":
      return (
        <a key={key} href={node.href} title={node.href} target="_blank" rel="noopener noreferrer">
          {showAll(node.children, names)}
        </a>
      );
    case "heading":
      return (
        // biome-ignore lint/a11y/useSemanticElements: a message must not bring its own outline
        <div
          key={key}
          class="mw-heading"
          role="heading"
          aria-level={Math.min(6, node.level + TOP_LEVEL)}
          data-level={node.level}
        >
          {showAll(node.children, names)}
        </div>
      );
    case "ol":
      return (
        <ol key={key} start={node.start}>
          {showAll(node.children, names)}
        </ol>
      );
    case "cell": {
      const style = node.align === null ? undefined : { textAlign: node.align };
      const inside = showAll(node.children, names);
      return node.head ? (
        <th key={key} scope="col" style={style}>
          {inside}
        </th>
      ) : (
        <td key={key} style={style}>
          {inside}
        </td>
      );
    }
    case "plain":
      return showPlain(node.tag, key, showAll(node.children, names), node.children);
  }
}

function showPlain(
  tag: string,
  key: number,
  inside: ComponentChildren,
  nodes: readonly MarkdownNode[],
): JSX.Element {
  switch (tag) {
    case "table":
      return <Table key={key}>{inside}</Table>;
    case "li":
      return (
        <li key={key} data-task={isTask(nodes) || undefined}>
          {inside}
        </li>
      );
    case "strong":
      return <strong key={key}>{inside}</strong>;
    case "em":
      return <em key={key}>{inside}</em>;
    case "s":
      return <s key={key}>{inside}</s>;
    case "blockquote":
      return <blockquote key={key}>{inside}</blockquote>;
    case "ul":
      return <ul key={key}>{inside}</ul>;
    case "thead":
      return <thead key={key}>{inside}</thead>;
    case "tbody":
      return <tbody key={key}>{inside}</tbody>;
    case "tr":
      return <tr key={key}>{inside}</tr>;
    default:
      return <p key={key}>{inside}</p>;
  }
}

function Table({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const { words } = useContext(Around);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls, so it must be reachable by keyboard
    <div class="mw-table-frame" role="group" aria-label={words.table} tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}

function isTask([first]: readonly MarkdownNode[]): boolean {
  if (first?.kind === "plain" && first.tag === "p") return isTask(first.children);
  return first?.kind === "task";
}

function Task({ done }: { readonly done: boolean }): JSX.Element {
  const { words } = useContext(Around);
  return (
    <span
      class="mw-task"
      role="img"
      data-done={done}
      aria-label={done ? words.done : words.notDone}
    />
  );
}
