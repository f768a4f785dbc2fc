/** Files that are dragged onto the chat, and files from the clipboard. */

import type { JSX, RefObject, TargetedClipboardEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../icons.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";
import { composingOf, summon } from "./composing.js";

/** Takes files from the clipboard; text, and the pictures of text that offices add to it, is text. */
export function filesPasted(event: TargetedClipboardEvent<HTMLElement>): readonly File[] {
  const { clipboardData } = event;
  const files = [...(clipboardData?.files ?? [])];
  if (files.length === 0 || clipboardData?.getData("text/plain")) return [];
  event.preventDefault();
  return files;
}

/** Says where files can be let go while some are dragged over the chat that `inside` is in. */
export function DropZone({
  inside,
}: {
  inside: RefObject<HTMLElement | null>;
}): JSX.Element | null {
  const { session } = useRoom();
  const [over, setOver] = useState(false);
  useEffect(() => {
    const zone = inside.current?.closest<HTMLElement>(".mw-chat");
    if (!zone) return;
    const abort = new AbortController();
    const { uploads } = composingOf(session);
    const takes = (event: DragEvent): boolean => {
      if (!event.dataTransfer?.types.includes("Files") || !uploads.possible) return false;
      // Else the page would open the file, or the notebook take it.
      event.preventDefault();
      event.stopPropagation();
      return true;
    };
    const on = (name: "dragover" | "dragleave" | "drop", act: (event: DragEvent) => void): void =>
      zone.addEventListener(name, (event) => takes(event) && act(event), abort);
    on("dragover", () => setOver(true));
    on("dragleave", ({ relatedTarget }) => {
      if (!zone.contains(relatedTarget as Node | null)) setOver(false);
    });
    on("drop", ({ dataTransfer }) => {
      setOver(false);
      uploads.add(dataTransfer?.files ?? []);
      summon(session);
    });
    return () => abort.abort();
  }, [session, inside]);
  return over ? (
    <div class="mw-drop" data-testid="mw-drop">
      <Icon name="attach" size={24} />
      {strings.dropHere}
    </div>
  ) : null;
}
