/** Files of a message: pictures are shown, in the room they will need; others are cards. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { FileRef, Session } from "../../session/index.js";
import { useVisible } from "../hooks.js";
import { Icon } from "../icons.js";
import { Later } from "../later/later.js";
import { strings } from "../strings.js";
import { ToolButton } from "../tool-button.js";
import { useRoom } from "../view.js";
import { fail } from "./attempt.js";
import { PICTURE, sizeOf } from "./uploads.js";

/** Pictures in the chat are at most this large, CSS pixels. */
const MAX_WIDTH = 360;
const MAX_HEIGHT = 280;

/** By then every browser has taken a file that is to be kept, ms. */
const TAKEN_MS = 40_000;

/** Whether a file is shown as a picture: the relay knows its size, and it can run nothing. */
export function isPicture(file: FileRef): boolean {
  return PICTURE.test(file.type) && Boolean(file.width && file.height);
}

export function Files({ files }: { files: readonly FileRef[] }): JSX.Element {
  const pictures = files.filter(isPicture);
  const others = files.filter((file) => !isPicture(file));
  const [shown, setShown] = useState<number | null>(null);
  return (
    <div class="mw-files" data-testid="mw-files">
      {pictures.length > 0 && (
        <div class="mw-pictures">
          {pictures.map((file, place) => (
            <Picture key={file.id} file={file} onOpen={() => setShown(place)} />
          ))}
        </div>
      )}
      {others.map((file) => (
        <FileCard key={file.id} file={file} />
      ))}
      {shown !== null && (
        <Later of="Lightbox" props={{ pictures, start: shown, onClose: () => setShown(null) }} />
      )}
    </div>
  );
}

/** An address of the file's content, as the type that the relay found; null while it comes. */
export function useContent(
  file: FileRef,
  wanted: boolean,
): { readonly url: string | null; readonly failed: boolean; readonly again: () => void } {
  const { session } = useRoom();
  const [url, setUrl] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (!wanted || failed) return;
    const abort = new AbortController();
    let made: string | null = null;
    session.download(file, { signal: abort.signal }).then(
      (blob) => {
        if (abort.signal.aborted) return;
        made = URL.createObjectURL(blob.slice(0, blob.size, file.type));
        setUrl(made);
      },
      () => !abort.signal.aborted && setFailed(true),
    );
    return () => {
      abort.abort();
      if (made) URL.revokeObjectURL(made);
      setUrl(null);
    };
    // Folding the log again makes the same file anew.
  }, [session, file.id, wanted, failed]);
  return { url, failed, again: () => setFailed(false) };
}

function Picture({ file, onOpen }: { file: FileRef; onOpen: () => void }): JSX.Element {
  const [frame, visible] = useVisible();
  const seen = useRef(false);
  seen.current ||= visible;
  const { url, failed, again } = useContent(file, seen.current);
  const { width = 1, height = 1 } = file;
  const scale = Math.min(1, MAX_WIDTH / width, MAX_HEIGHT / height);
  return (
    <button
      type="button"
      class="mw-picture"
      ref={(element) => {
        frame.current = element;
      }}
      data-testid="mw-picture"
      title={failed ? strings.retry : file.name}
      aria-label={failed ? strings.downloadFailed : strings.openPicture(file.name)}
      style={{ width: `${Math.round(width * scale)}px`, aspectRatio: `${width} / ${height}` }}
      onClick={failed ? again : onOpen}
    >
      {url && <img src={url} alt={file.name} draggable={false} />}
      {failed && (
        <span class="mw-picture-failed">
          <Icon name="alert" size={16} />
          {strings.downloadFailed}
        </span>
      )}
    </button>
  );
}

function FileCard({ file }: { file: FileRef }): JSX.Element {
  const { session } = useRoom();
  const [share, setShare] = useState<number | null>(null);
  const abort = useRef<AbortController | null>(null);
  const size = sizeOf(file.size);
  const get = async (): Promise<void> => {
    if (abort.current) {
      abort.current.abort();
      return;
    }
    abort.current = new AbortController();
    setShare(0);
    await save(session, file, { onProgress: setShare, signal: abort.current.signal });
    abort.current = null;
    setShare(null);
  };
  return (
    <div class="mw-file" data-testid="mw-file">
      <span class="mw-file-type" aria-hidden="true">
        {ending(file.name)}
      </span>
      <span class="mw-file-name">
        <b class="mw-ellipsis" title={file.name}>
          {file.name}
        </b>
        <small>{share === null ? size : strings.downloading(Math.round(share * 100))}</small>
      </span>
      <ToolButton
        icon={share === null ? "download" : "close"}
        size={18}
        label={share === null ? strings.downloadFile(file.name, size) : strings.cancel}
        onClick={() => void get()}
      />
    </div>
  );
}

/** What the name ends with, for the card's corner. */
function ending(name: string): string {
  const found = /\.([A-Za-z0-9]{1,5})$/.exec(name);
  return found?.[1]?.toUpperCase() ?? "…";
}

/** Hands a file to the browser, to be kept; tells people if that fails. */
export async function save(
  session: Session,
  file: FileRef,
  options: { readonly onProgress?: (share: number) => void; readonly signal?: AbortSignal } = {},
): Promise<void> {
  try {
    const blob = await session.download(file, options);
    // Not the file's own type: nothing in it is to be opened within this page's origin.
    const url = URL.createObjectURL(blob.slice(0, blob.size, "application/octet-stream"));
    const link = document.createElement("a");
    link.href = url;
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), TAKEN_MS);
  } catch (error) {
    if (!options.signal?.aborted) fail(session, error);
  }
}
