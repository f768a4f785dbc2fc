/** The moving part of a tile: a canvas the media worker draws to, or one's own camera. */

import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { CanvasHandle, Fit, MediaEngine } from "../media/index.js";

interface Props {
  readonly engine: MediaEngine;
  readonly stream: string;
  readonly width: number;
  readonly height: number;
  readonly fit: Fit;
  /** What the relay gives up last, 0 to 9. */
  readonly priority: number;
}

/** Shows a stream. Each mount makes a canvas of its own: one can be handed to a worker only once. */
export function StreamPicture(props: Props): JSX.Element {
  const { engine, stream, width, height, fit, priority } = props;
  const host = useRef<HTMLDivElement>(null);
  const handle = useRef<CanvasHandle | null>(null);
  // The size of the first attach only; later ones go through resize().
  const first = useRef({ width, height });
  first.current = { width, height };
  useLayoutEffect(() => {
    const page = host.current?.ownerDocument ?? document;
    const canvas = page.createElement("canvas");
    canvas.className = "mw-picture";
    host.current?.append(canvas);
    handle.current = engine.attachCanvas(stream, canvas, first.current, fit);
    return () => {
      handle.current?.detach();
      handle.current = null;
      canvas.remove();
    };
  }, [engine, stream]);
  useEffect(() => handle.current?.resize(width, height), [width, height]);
  useEffect(() => handle.current?.setFit(fit), [fit, stream]);
  useEffect(() => handle.current?.setPriority(priority), [priority, stream]);
  return <div class="mw-picture-host" ref={host} />;
}

/** One's own camera, as in a mirror. */
export function SelfPicture({
  media,
  visible,
}: {
  media: MediaStream;
  visible: boolean;
}): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  useLayoutEffect(() => {
    if (video.current) video.current.srcObject = media;
  }, [media]);
  useEffect(() => {
    // A video element pauses whenever it leaves the document (collapsed output, windowed notebook).
    if (visible && video.current?.paused) void video.current.play().catch(() => undefined);
  }, [visible, media]);
  return <video class="mw-picture mw-mirrored" ref={video} muted autoplay playsInline />;
}
