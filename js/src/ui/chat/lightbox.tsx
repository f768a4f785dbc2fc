/** Pictures of a message, large: one at a time over everything else. */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { FileRef } from "../../session/index.js";
import type { IconName } from "../icons.js";
import { words } from "../later/words.js";
import { strings } from "../strings.js";
import { ToolButton } from "../tool-button.js";
import { useRoom } from "../view.js";
import { save, useContent } from "./files.js";

interface Props {
  readonly pictures: readonly FileRef[];
  readonly start: number;
  readonly onClose: () => void;
}

export function Lightbox({ pictures, start, onClose }: Props): JSX.Element | null {
  const { session } = useRoom();
  const dialog = useRef<HTMLDialogElement>(null);
  const [place, setPlace] = useState(start);
  const [actual, setActual] = useState(false);
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = element?.ownerDocument.activeElement as HTMLElement | null;
    element?.showModal();
    return () => before?.focus({ preventScroll: true });
  }, []);
  const file = pictures[place];
  if (!file) return null;
  const step = (by: number): void => {
    setActual(false);
    setPlace((place + by + pictures.length) % pictures.length);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    event.stopPropagation();
    if (event.key === "ArrowRight") step(1);
    if (event.key === "ArrowLeft") step(-1);
  };
  const tool = (icon: IconName, label: string, act: () => void): JSX.Element => (
    <ToolButton icon={icon} size={20} label={label} onClick={act} />
  );
  return (
    <dialog
      class="mw-lightbox"
      ref={dialog}
      aria-label={file.name}
      data-testid="mw-lightbox"
      onKeyDown={onKeyDown}
      onClose={onClose}
      onClick={(event) => {
        // Beside the picture.
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <header>
        <b class="mw-ellipsis">{file.name}</b>
        {pictures.length > 1 && <span>{words.pictureOf(place + 1, pictures.length)}</span>}
        <span class="mw-space" />
        {pictures.length > 1 && tool("left", words.pictureBefore, () => step(-1))}
        {pictures.length > 1 && tool("right", words.pictureNext, () => step(1))}
        {tool("resize", actual ? words.pictureFit : words.pictureActual, () => setActual(!actual))}
        {tool("download", strings.download, () => void save(session, file))}
        {tool("close", words.close, onClose)}
      </header>
      <Large key={file.id} file={file} actual={actual} />
    </dialog>
  );
}

function Large({ file, actual }: { file: FileRef; actual: boolean }): JSX.Element {
  const { url, failed, again } = useContent(file, true);
  return (
    <div class="mw-lightbox-picture" data-actual={actual}>
      {url && <img src={url} alt={file.name} width={file.width} height={file.height} />}
      {failed && (
        <button type="button" onClick={again}>
          {strings.downloadFailed}
        </button>
      )}
    </div>
  );
}
