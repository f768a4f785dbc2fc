/** Asks for a camera or microphone, and says in one sentence what went wrong. */

import { knownAbility } from "./ability.js";
import type { DeviceChoice, DeviceState } from "./types.js";

export type DeviceKind = "camera" | "microphone";

/** Pictures the size of the largest rendition that this machine encodes in time. */
function camera(): MediaTrackConstraints {
  const { lines } = knownAbility();
  return {
    width: { ideal: (lines * 16) / 9 },
    height: { ideal: lines },
    frameRate: { ideal: lines > 360 ? 30 : 24, max: 30 },
  };
}
const MICROPHONE: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: { ideal: 1 },
};

/** Asks for the device, the preferred one if it is there; rejects with the browser's error. */
export async function openDevice(
  kind: DeviceKind,
  preferred: string | null,
): Promise<MediaStreamTrack> {
  const ask = (which: MediaTrackConstraints) =>
    navigator.mediaDevices.getUserMedia(
      kind === "camera"
        ? { video: { ...camera(), ...which } }
        : { audio: { ...MICROPHONE, ...which } },
    );
  let stream: MediaStream;
  try {
    stream = await ask(preferred ? { deviceId: { exact: preferred } } : {});
  } catch (error) {
    const gone = error instanceof Error && /^(Overconstrained|NotFound)Error$/.test(error.name);
    if (!preferred || !gone) throw error;
    stream = await ask({});
  }
  const [track] = stream.getTracks();
  if (!track) throw new DOMException("no track", "NotFoundError");
  return track;
}

/** The devices of a kind, as far as the browser tells. */
export async function listDevices(kind: DeviceKind): Promise<DeviceChoice["options"]> {
  return (await known(kind)).map(({ deviceId: id, label }) => ({ id, label }));
}

async function known(kind: DeviceKind): Promise<MediaDeviceInfo[]> {
  const wanted = kind === "camera" ? "videoinput" : "audioinput";
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((device) => device.kind === wanted && device.deviceId && device.label);
}

/** What a failed `openDevice` means to the person. */
export function deviceFailure(kind: DeviceKind, error: unknown): DeviceState {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return {
        kind: "denied",
        reason: `The browser did not allow the ${kind}: allow it in the address bar or the system's settings and click again.`,
      };
    case "NotFoundError":
    case "OverconstrainedError":
      return { kind: "missing", reason: `No ${kind} was found: connect one and click again.` };
    case "NotReadableError":
    case "AbortError":
      return {
        kind: "busy",
        reason: `The ${kind} does not start, perhaps since another program uses it: close that and click again.`,
      };
    default:
      return { kind: "unsupported", reason: `The ${kind} does not work here (${String(error)}).` };
  }
}

/** Whether a device did not open because something holds it, perhaps this very page. */
export function mayBeTaken(error: unknown): boolean {
  return error instanceof DOMException && /^(NotReadable|Abort)Error$/.test(error.name);
}

/** The list of devices may say later than the track that one is gone, ms. */
const LIST_LATE_MS = 1000;

/** The other devices of the kind if the one of these settings is gone; null if it is still there. */
export async function othersIfUnplugged(
  kind: DeviceKind,
  { deviceId, groupId }: MediaTrackSettings,
): Promise<readonly MediaDeviceInfo[] | null> {
  const changed = nextChange();
  let devices = await known(kind);
  // The system's default device keeps its id when another one becomes it; the group changes.
  const there = () =>
    devices.some((device) => device.deviceId === deviceId && device.groupId === groupId);
  if (there()) {
    await changed;
    devices = await known(kind);
  }
  return there() ? null : devices;
}

function nextChange(): Promise<void> {
  const { mediaDevices } = navigator;
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      mediaDevices.removeEventListener("devicechange", done);
      resolve();
    };
    const timer = setTimeout(done, LIST_LATE_MS);
    mediaDevices.addEventListener("devicechange", done);
  });
}

/** Another device took the place of one that vanished. */
export function deviceInstead(kind: DeviceKind, label: string): string {
  return `The ${kind} was disconnected; ${label === "" ? "another one" : label} is used instead.`;
}

/** The device vanished while it was on. */
export function deviceGone(kind: DeviceKind): DeviceState {
  return { kind: "off", reason: `The ${kind} was disconnected or taken away by the system.` };
}
