/** Above the composer: the files of the next message, on their way or there. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "../icons.js";
import { strings } from "../strings.js";
import { ToolButton } from "../tool-button.js";
import { useRoom } from "../view.js";
import { composingOf } from "./composing.js";
import { sizeOf, type Upload, type Uploads } from "./uploads.js";

export function UploadTray(): JSX.Element | null {
  const { session } = useRoom();
  const { uploads } = composingOf(session);
  const list = uploads.list.value;
  if (list.length === 0) return null;
  return (
    <ul class="mw-uploads" aria-label={strings.attachedFiles} data-testid="mw-uploads">
      {list.map((upload) => (
        <Item key={upload.key} upload={upload} uploads={uploads} />
      ))}
    </ul>
  );
}

function Item({ upload, uploads }: { upload: Upload; uploads: Uploads }): JSX.Element {
  const { name, size, picture, share, file, problem } = upload;
  const percent = Math.round(share * 100);
  /** It says that it is a picture, and the browser could not show it. */
  const [broken, setBroken] = useState(false);
  return (
    <li
      class="mw-upload"
      data-testid="mw-upload"
      data-state={problem !== null ? "failed" : file ? "done" : "sending"}
      title={problem ?? name}
    >
      {picture && !broken ? (
        <img src={picture} alt="" onError={() => setBroken(true)} />
      ) : (
        <Icon name="attach" size={16} />
      )}
      <span class="mw-file-name">
        <b class="mw-ellipsis">{name}</b>
        {problem === null ? (
          <small>{file ? sizeOf(size) : strings.downloading(percent)}</small>
        ) : (
          <small class="mw-failed" role="alert">
            {problem}
          </small>
        )}
      </span>
      {problem !== null && (
        <button type="button" class="mw-link" onClick={() => uploads.retry(upload.key)}>
          {strings.retry}
        </button>
      )}
      <ToolButton
        icon="close"
        size={14}
        label={strings.removeFile(name)}
        onClick={() => uploads.remove(upload.key)}
      />
      {!file && problem === null && (
        <progress class="mw-upload-bar" max={100} value={percent} aria-label={name} />
      )}
    </li>
  );
}
