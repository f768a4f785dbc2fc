/** The button that gives the whole meeting as a file. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Session } from "../../session/index.js";
import { Icon } from "../icons.js";
import { Popover } from "../popover.js";
import { strings } from "../strings.js";
import { useRoom } from "../view.js";

type Format = Parameters<Session["transcript"]>[0];

const FORMATS: readonly Format[] = ["ipynb", "md", "json"];
/** A file's address is needed until the browser has taken it over, ms. */
const TAKEN_MS = 60_000;

/** Hands `file` to the browser's downloads. */
function save(file: Blob, name: string, page: Document): void {
  const link = page.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), TAKEN_MS);
}

export function Transcript(): JSX.Element {
  const { session } = useRoom();
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const [state, setState] = useState<{ busy: boolean; error: string | null }>({
    busy: false,
    error: null,
  });
  const labels: Record<Format, string> = {
    ipynb: strings.transcriptNotebook,
    md: strings.transcriptMarkdown,
    json: strings.transcriptJson,
  };
  const fetch = async (format: Format): Promise<void> => {
    setState({ busy: true, error: null });
    try {
      const file = await session.transcript(format);
      save(file, `${session.room}.${format}`, button.current?.ownerDocument ?? document);
      setState({ busy: false, error: null });
      setOpen(false);
    } catch (problem) {
      setState({ busy: false, error: (problem as Error).message });
    }
  };
  return (
    <>
      <button
        type="button"
        class="mw-tool"
        ref={button}
        title={strings.transcript}
        aria-label={strings.transcript}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-testid="mw-transcript"
        onClick={() => setOpen(!open)}
      >
        <Icon name="download" size={18} />
      </button>
      {open && (
        <Popover
          anchor={button}
          label={strings.transcript}
          onClose={() => setOpen(false)}
          className="mw-menu mw-transcript"
        >
          <b>{strings.transcript}</b>
          <p class="mw-muted">{strings.transcriptText}</p>
          <ul>
            {FORMATS.map((format) => (
              <li key={format}>
                <button
                  type="button"
                  class="mw-menu-item"
                  disabled={state.busy}
                  data-testid={`mw-transcript-${format}`}
                  onClick={() => void fetch(format)}
                >
                  <span class="mw-menu-mark" />
                  {labels[format]}
                </button>
              </li>
            ))}
          </ul>
          <p role="status" class={state.error === null ? "mw-muted" : "mw-failed"}>
            {state.busy ? strings.transcriptBusy : state.error}
          </p>
        </Popover>
      )}
    </>
  );
}
