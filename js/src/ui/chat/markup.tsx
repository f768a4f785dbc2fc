/** Shows the tree that format.ts reads, as components; text is only ever text. */

import type { ComponentChildren, JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { strings } from "../strings.js";
import { type Block, type Inline, parse } from "./format.js";

export function Markup({ body }: { body: string }): JSX.Element {
  const blocks = useMemo(() => parse(body), [body]);
  return (
    <div class="mw-markup" data-testid="mw-body">
      {blocks.map(showBlock)}
    </div>
  );
}

function showBlock(block: Block, key: number): JSX.Element {
  switch (block.kind) {
    case "code":
      return <CodeCard key={key} text={block.text} language={block.language} />;
    case "list": {
      const items = block.items.map((item, index) => <li key={index}>{showInline(item)}</li>);
      return block.ordered ? (
        <ol key={key} start={block.start}>
          {items}
        </ol>
      ) : (
        <ul key={key}>{items}</ul>
      );
    }
    case "quote":
      return <blockquote key={key}>{showInline(block.children)}</blockquote>;
    case "heading":
      return (
        <p key={key}>
          <strong>{showInline(block.children)}</strong>
        </p>
      );
    default:
      return <p key={key}>{showInline(block.children)}</p>;
  }
}

function showInline(nodes: readonly Inline[]): ComponentChildren {
  return nodes.map((node, key) => {
    switch (node.kind) {
      case "text":
        return node.text;
      case "break":
        return <br key={key} />;
      case "code":
        return <code key={key}>{node.text}</code>;
      case "strong":
        return <strong key={key}>{showInline(node.children)}</strong>;
      case "em":
        return <em key={key}>{showInline(node.children)}</em>;
      case "strike":
        return <s key={key}>{showInline(node.children)}</s>;
      default:
        return (
          <a key={key} href={node.href} title={node.href} target="_blank" rel="noopener noreferrer">
            {showInline(node.children)}
          </a>
        );
    }
  });
}

/** Code in a card of its own that scrolls inside, with a copy button. */
export function CodeCard({ text, language }: { text: string; language: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch {
      // Insecure context: the text can still be selected.
      setCopied(false);
    }
  };
  const possible = typeof navigator.clipboard?.writeText === "function";
  return (
    <figure class="mw-card">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls, so it must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      {(language !== "" || possible) && (
        <figcaption>
          <span>{language || strings.code}</span>
          {possible && (
            <button type="button" class="mw-link" onClick={() => void copy()}>
              {copied ? strings.copied : strings.copyCode}
            </button>
          )}
        </figcaption>
      )}
    </figure>
  );
}
