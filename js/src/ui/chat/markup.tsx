/** The text of a message: Markdown, or plain text until the part for rich text has come. */

import type { JSX } from "preact";
import { useCallback, useMemo } from "preact/hooks";
import type { Rich, RichAround, RichMention } from "../../rich/types.js";
import type { Mention } from "../../session/index.js";
import { useRoom } from "../view.js";
import { RichText } from "./rich.js";

const NOBODY: readonly Mention[] = [];

export function Markup({
  body,
  mentions = NOBODY,
}: {
  readonly body: string;
  readonly mentions?: readonly Mention[];
}): JSX.Element {
  const { session } = useRoom();
  const me = session.you.value?.user.name;
  const named = useMemo<readonly RichMention[]>(
    () => mentions.map(({ name, text }) => ({ text, me: name === me })),
    [mentions, me],
  );
  const show = useCallback(
    (rich: Rich, host: HTMLElement, around: RichAround) =>
      rich.showMarkdown(host, { body, mentions: named }, around),
    [body, named],
  );
  return (
    <div data-testid="mw-body">
      <RichText class="mw-rich" show={show} otherwise={() => <p class="mw-plain">{body}</p>} />
    </div>
  );
}
