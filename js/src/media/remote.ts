/** Others' streams as the worker needs to know them. */

import type { Stream } from "../wire/index.js";
import type { RemoteStream } from "./messages.js";

/** Streams of others that are sound or picture; a kernel's picture is a `data:` source. */
export function remoteStreams(
  streams: ReadonlyMap<string, Stream>,
  you: string | undefined,
): RemoteStream[] {
  return [...streams.values()]
    .filter(
      ({ owner, source, renditions }) =>
        owner !== you &&
        (!source.startsWith("data:") || renditions.some(({ width }) => width !== undefined)),
    )
    .map(({ id, owner, source, renditions }) => ({
      id,
      together: `${owner} ${source.startsWith("screen") ? "screen" : ""}`,
      kind: source === "microphone" || source === "screen-audio" ? "audio" : "video",
      renditions: renditions.map(({ handle, codec, width, height, config }) => ({
        handle,
        codec,
        width: width ?? 0,
        height: height ?? 0,
        colorSpace: config?.color_space ?? null,
        sampleRate: config?.sample_rate ?? 48_000,
        channels: config?.channels ?? 1,
      })),
    }));
}
