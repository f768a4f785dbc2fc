/** A session and a media engine that only pretend, for looking at the interface in every state. */

import { computed, type Signal, signal } from "@preact/signals";
import type { DeviceState, MediaEngine, StreamStats } from "../src/media/types.js";
import type {
  By,
  ChatMessage,
  FloatingReaction,
  GuestLink,
  Notice,
  Participant,
  Phase,
  PollState,
  RoomInfo,
  RoomPatch,
  SearchHit,
  Session,
  Stream,
  StreamFlow,
} from "../src/session/types.js";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const COLORS = [
  "#4a6fa5",
  "#6d4c7d",
  "#c2593a",
  "#5e6ad2",
  "#2e6f6a",
  "#ffad8e",
  "#72dd76",
  "#b0413e",
  "#3a7ca5",
  "#8e24aa",
];
const NAMES = [
  "Ada Lovelace",
  "Ben Ibáñez",
  "Chen Wei",
  "Dorothea Maximiliane von Hohenstein-Wittelsbach",
  "Emmy Noether",
  "Fatima al-Fihri",
  "Grace Hopper",
  "Hedy Lamarr",
  "Ivo",
  "Jun",
  "Kofi",
  "Lena",
];

export function person(index: number, more: Partial<Participant> = {}): Participant {
  const name = NAMES[index % NAMES.length] ?? "?";
  const words = name.split(" ");
  return {
    id: `p${index}`,
    user: {
      name: name.toLowerCase().replace(/\W/g, ""),
      display_name: name,
      initials: `${words[0]?.[0] ?? ""}${words.length > 1 ? (words.at(-1)?.[0] ?? "") : ""}`,
      color: COLORS[index % COLORS.length] ?? "",
    },
    kind: "person",
    role: index === 0 ? "owner" : "member",
    state: { microphone: index % 3 === 0, camera: index % 4 !== 3 },
    joined_at: Date.now() - 1e6,
    ...more,
  };
}

export function video(id: string, owner: string, source = "camera"): Stream {
  return {
    id,
    owner,
    source,
    renditions: [{ handle: 1, codec: "vp8", width: 640, height: 360 }],
  };
}

export function message(
  index: number,
  by: Participant,
  body: string,
  more: Partial<ChatMessage> = {},
): ChatMessage {
  return {
    key: `m${index}`,
    id: `m${index}`,
    cid: null,
    offset: index,
    at: Date.now() - (40 - index) * 60_000,
    by: { id: by.id, user: by.user, kind: by.kind },
    own: false,
    body,
    data: null,
    replyTo: null,
    to: null,
    readers: null,
    poll: null,
    files: [],
    mentions: [],
    mentionsMe: false,
    location: null,
    pinned: false,
    editedAt: null,
    deleted: false,
    reactions: [],
    delivery: { kind: "sent" },
    ...more,
  };
}

/** A poll in which `voters` chose: of each, the places of the options. */
export function poll(
  options: readonly string[],
  multiple = false,
  voters: readonly (readonly [Participant, readonly number[]])[] = [],
): PollState {
  const empty = options.map((text) => ({ text, by: [], mine: false }));
  return voters.reduce<PollState>((state, [who, places]) => voted(state, who, places), {
    options: empty,
    multiple,
    closed: false,
    voters: 0,
  });
}

function voted(state: PollState, who: Participant, places: readonly number[]): PollState {
  const by: By = { id: who.id, user: who.user, kind: who.kind };
  const options = state.options.map((option, place) => {
    const others = option.by.filter((one) => one.user.name !== who.user.name);
    const on = places.includes(place);
    const mine = who.id === "you" ? on : option.mine;
    return { ...option, by: on ? [...others, by] : others, mine };
  });
  const voters = new Set(options.flatMap((option) => option.by.map((one) => one.user.name))).size;
  return { ...state, options, voters };
}

function searchIn(messages: readonly ChatMessage[], query: string): SearchHit[] {
  const word = query.toLowerCase();
  return messages.flatMap(({ id, offset, at, by, body }) => {
    const found = body.toLowerCase().indexOf(word);
    if (id === null || offset === null || word === "" || found < 0) return [];
    const start = Math.max(0, found - 40);
    const snippet = body.slice(start, found + word.length + 60);
    return [{ id, offset, at, by, snippet, marks: [[found - start, word.length]] as const }];
  });
}

/** What was handed to the relay, by file id. */
const blobs = new Map<string, Blob>();

/** The content of an image that nobody uploaded. */
async function chart(width: number, height: number): Promise<Blob> {
  const canvas = document.createElement("canvas");
  paint("k1", canvas);
  const sized = document.createElement("canvas");
  sized.width = width;
  sized.height = height;
  sized.getContext("2d")?.drawImage(canvas, 0, 0, width, height);
  return new Promise((resolve, reject) =>
    sized.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture")))),
  );
}

export interface FakeSession extends Session {
  readonly phase: Signal<Phase>;
  readonly participants: Signal<ReadonlyMap<string, Participant>>;
  readonly streams: Signal<ReadonlyMap<string, Stream>>;
  readonly messages: Signal<readonly ChatMessage[]>;
  readonly typing: Signal<ReadonlySet<string>>;
  readonly you: Signal<Participant | null>;
  readonly notices: Signal<readonly Notice[]>;
  readonly reactions: Signal<readonly FloatingReaction[]>;
  readonly roomInfo: Signal<Session["roomInfo"]["value"]>;
  readonly limits: Signal<Session["limits"]["value"]>;
  readonly history: Signal<Session["history"]["value"]>;
  readonly passage: Signal<Session["passage"]["value"]>;
  readonly roundTrip: Signal<number | null>;
  readonly flows: Signal<ReadonlyMap<string, StreamFlow>>;
  readonly rights: Signal<Session["rights"]["value"]>;
  readonly lobby: Signal<readonly Participant[]>;
  readonly pageUrl: Signal<string | null>;
}

function patched(info: RoomInfo, patch: RoomPatch): RoomInfo {
  const { title = info.title, access = info.access, invite = [], uninvite = [] } = patch;
  const invited = [...(info.invited ?? []).filter((name) => !uninvite.includes(name)), ...invite];
  return { ...info, title, access, invited };
}

export function fakeSession(room: string): FakeSession {
  let next = 1000;
  let links: readonly GuestLink[] = [];
  const messages = signal<readonly ChatMessage[]>([]);
  const change = (id: string, how: (one: ChatMessage) => Partial<ChatMessage>) => {
    messages.value = messages.value.map((one) => (one.id === id ? { ...one, ...how(one) } : one));
  };
  const find = (id: string) => messages.value.find((one) => one.id === id);
  const session: Writable<FakeSession> = {
    room,
    baseUrl: "/",
    apiUrl: "/meet/api/",
    assetsUrl: new URL("static/", globalThis.location?.href ?? "http://localhost/").href,
    phase: signal<Phase>({ kind: "idle" }),
    you: signal<Participant | null>(null),
    participants: signal<ReadonlyMap<string, Participant>>(new Map()),
    streams: signal<ReadonlyMap<string, Stream>>(new Map()),
    messages,
    history: signal({ more: false, loading: false, error: null }),
    pinned: computed(() => messages.value.filter((one) => one.pinned)),
    passage: signal<Session["passage"]["value"]>(null),
    typing: signal<ReadonlySet<string>>(new Set()),
    roomInfo: signal({ name: room, title: room, locked: false, epoch: "e", offset: 0 }),
    limits: signal({
      body_bytes: 16384,
      data_bytes: 1 << 20,
      frame_bytes: 1 << 20,
      messages_per_second: 20,
      participants: 50,
      streams: 8,
      file_bytes: 25e6,
      room_file_bytes: 5e8,
    }),
    rights: signal({ chat: true, publish: true, moderate: false, guest_links: false }),
    lobby: signal<readonly Participant[]>([]),
    pageUrl: signal<string | null>(null),
    notices: signal<readonly Notice[]>([]),
    reactions: signal<readonly FloatingReaction[]>([]),
    mediaEndpoint: signal(null),
    iceServers: signal([]),
    clockOffset: signal(0),
    roundTrip: signal<number | null>(8),
    flows: signal<ReadonlyMap<string, StreamFlow>>(new Map()),
    slots: new Map(),
    join: () => {
      session.phase.value = { kind: "live" };
    },
    leave: () => {
      session.phase.value = { kind: "ended", code: "left", reason: "", canRejoin: true };
    },
    retryNow: () => undefined,
    say: (body, options) => {
      next += 1;
      const you = session.you.value;
      if (you) {
        const made = message(next, you, body, {
          own: true,
          at: Date.now(),
          replyTo: options?.replyTo ?? null,
          to: options?.to ?? null,
          data: options?.data ?? null,
          poll: options?.poll ? poll(options.poll.options, options.poll.multiple) : null,
          files: options?.files ?? [],
          mentions: options?.mentions ?? [],
          location: options?.location ?? null,
        });
        session.messages.value = [...session.messages.value, made];
      }
      return String(next);
    },
    retry: () => undefined,
    discard: () => undefined,
    edit: async (id, body) => change(id, () => ({ body, editedAt: Date.now() })),
    remove: async (id) => change(id, () => ({ body: "", data: null, files: [], deleted: true })),
    react: async () => undefined,
    vote: async (id, options) => {
      const you = session.you.value;
      if (you) change(id, ({ poll }) => ({ poll: poll && voted(poll, you, options) }));
    },
    closePoll: async (id) =>
      change(id, ({ poll }) => ({ poll: poll && { ...poll, closed: true } })),
    pin: async (id, on) => change(id, () => ({ pinned: on })),
    moderate: async () => undefined,
    setRoom: async (patch) => {
      const info = session.roomInfo.value;
      if (info) session.roomInfo.value = patched(info, patch);
    },
    guestLinks: async () => links,
    createGuestLink: async ({ hours, label }) => {
      const made: GuestLink = {
        id: String(links.length),
        url: "https://hub.example.org/services/meet/guest#4Zr0w1bX3nqv8sKd",
        createdBy: "emmynoether",
        createdAt: Date.now(),
        expiresAt: Date.now() + hours * 3_600_000,
        uses: 0,
        label: label ?? null,
      };
      links = [...links, { ...made, url: null }];
      return made;
    },
    revokeGuestLink: async (id) => {
      links = links.filter((link) => link.id !== id);
    },
    setTyping: () => undefined,
    sendReaction: () => undefined,
    setState: () => undefined,
    sendSignal: () => undefined,
    loadHistory: async () => undefined,
    message: find,
    find: async (id) => find(id) ?? null,
    visit: async (id) => find(id) !== undefined,
    loadPassage: async () => undefined,
    leavePassage: () => {
      session.passage.value = null;
    },
    search: async (query) => ({ hits: searchIn(messages.value, query), more: false }),
    upload: async (file, name, options) => {
      for (let share = 0; share <= 10; share += 1) {
        options?.onProgress?.(share / 10);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      next += 1;
      blobs.set(`f${next}`, file);
      return { id: `f${next}`, name, type: file.type, size: file.size };
    },
    download: async ({ id, width = 640, height = 360 }) => blobs.get(id) ?? chart(width, height),
    transcript: async () => new Blob(["# physics-101\n"], { type: "text/markdown" }),
    publish: async () => ({ stream: "s", handles: [] }),
    unpublish: async () => undefined,
    watch: () => undefined,
    demandOf: () => [],
    on: () => () => undefined,
    attach: () => () => undefined,
    notify: () => undefined,
    dismiss: (id) => {
      session.notices.value = session.notices.value.filter((notice) => notice.id !== id);
    },
  };
  return session;
}

export interface FakeEngine extends MediaEngine {
  readonly capability: Signal<MediaEngine["capability"]["value"]>;
  readonly microphone: Signal<DeviceState>;
  readonly camera: Signal<DeviceState>;
  readonly screen: Signal<DeviceState>;
  readonly selfScreen: Signal<MediaStream | null>;
  readonly mutedSpeech: Signal<boolean>;
  readonly ownLevel: Signal<number>;
  readonly selfStream: Signal<MediaStream | null>;
  readonly pictures: Signal<ReadonlySet<string>>;
  readonly speaking: Signal<ReadonlySet<string>>;
  readonly levels: Signal<ReadonlyMap<string, number>>;
  readonly stats: Signal<ReadonlyMap<string, StreamStats>>;
  readonly playbackBlocked: Signal<boolean>;
}

export function fakeEngine(): FakeEngine {
  const engine: FakeEngine = {
    capability: signal({ camera: true, microphone: true, watch: true }),
    microphone: signal<DeviceState>({ kind: "off" }),
    camera: signal<DeviceState>({ kind: "off" }),
    microphones: signal({
      options: [
        { id: "a", label: "Built-in Microphone" },
        { id: "b", label: "USB Headset with a rather long name that does not fit (0d8c:0014)" },
      ],
      chosen: "b",
    }),
    cameras: signal({
      options: [
        { id: "a", label: "FaceTime HD Camera" },
        { id: "b", label: "Logitech C920" },
      ],
      chosen: null,
    }),
    chooseMicrophone: async () => undefined,
    chooseCamera: async () => undefined,
    toggleMicrophone: async () => {
      engine.microphone.value = { kind: engine.microphone.value.kind === "on" ? "off" : "on" };
    },
    toggleCamera: async () => {
      engine.camera.value = { kind: engine.camera.value.kind === "on" ? "off" : "on" };
    },
    startPreview: async () => {
      engine.microphone.value = { kind: "on" };
      engine.camera.value = { kind: "on" };
    },
    stopPreview: () => undefined,
    wished: () => true,
    toggleScreen: async () => {
      engine.screen.value = { kind: engine.screen.value.kind === "on" ? "off" : "on" };
    },
    screen: signal<DeviceState>({ kind: "off" }),
    selfScreen: signal<MediaStream | null>(null),
    holdToTalk: (on) => {
      engine.microphone.value = { kind: on ? "on" : "off" };
    },
    mutedSpeech: signal(false),
    ownLevel: signal(0.4),
    speakers: signal({
      options: [
        { id: "a", label: "Built-in Speakers" },
        { id: "b", label: "USB Headset" },
      ],
      chosen: "a",
    }),
    chooseSpeaker: async () => undefined,
    testSpeaker: () => undefined,
    selfStream: signal<MediaStream | null>(null),
    attachCanvas: (stream, canvas) => {
      paint(stream, canvas);
      return {
        resize: () => undefined,
        setFit: () => undefined,
        setPriority: () => undefined,
        detach: () => undefined,
      };
    },
    pictures: signal<ReadonlySet<string>>(new Set()),
    speaking: signal<ReadonlySet<string>>(new Set()),
    levels: signal<ReadonlyMap<string, number>>(new Map()),
    stats: signal<ReadonlyMap<string, StreamStats>>(new Map()),
    playbackBlocked: signal(false),
    unblockPlayback: () => {
      engine.playbackBlocked.value = false;
    },
  };
  return engine;
}

/** A face, or a field for a kernel. */
function paint(stream: string, canvas: HTMLCanvasElement): void {
  canvas.width = 640;
  canvas.height = 360;
  const g = canvas.getContext("2d");
  if (!g) return;
  if (stream.startsWith("k")) {
    for (let x = 0; x < 20; x += 1) {
      for (let y = 0; y < 12; y += 1) {
        const value = Math.sin(x / 3) * Math.cos(y / 2.2);
        g.fillStyle = `hsl(${160 + value * 90} 70% ${45 + value * 10}%)`;
        g.fillRect(x * 32, y * 30, 32, 30);
      }
    }
    return;
  }
  const hue = (Number(stream.replace(/\D/g, "")) * 67) % 360;
  const back = g.createLinearGradient(0, 0, 640, 360);
  back.addColorStop(0, `hsl(${hue} 30% 48%)`);
  back.addColorStop(1, `hsl(${hue} 25% 22%)`);
  g.fillStyle = back;
  g.fillRect(0, 0, 640, 360);
  g.fillStyle = `hsl(${hue + 40} 40% 35%)`;
  g.beginPath();
  g.ellipse(320, 380, 170, 130, 0, 0, 7);
  g.fill();
  g.fillStyle = `hsl(25 45% ${40 + (hue % 40)}%)`;
  g.beginPath();
  g.ellipse(320, 160, 72, 92, 0, 0, 7);
  g.fill();
  g.fillStyle = "#2b1c14";
  g.beginPath();
  g.ellipse(320, 105, 80, 52, 0, Math.PI, 0);
  g.fill();
}
