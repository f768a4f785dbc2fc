/** Shows the room in one state, named in the address: `?state=room&n=5&theme=dark&width=760`. */

import "../src/ui/css/index.css";
import type { StreamStats } from "../src/media/types.js";
import type { StreamFlow } from "../src/session/types.js";
import { floatInPage } from "../src/ui/float.js";
import { provideHost } from "../src/ui/host.js";
import { mountRoom } from "../src/ui/index.js";
import { placesOf } from "../src/ui/places.js";
import type { RoomView } from "../src/ui/view.js";
import { viewStateOf } from "../src/ui/view.js";
import { giveArchive } from "./archive.js";
import { fakeEngine, fakeSession, message, person, video } from "./fakes.js";
import { FakeNotebook } from "./notebook.js";
import { richTalk } from "./rich-talk.js";
import { fileTalk, longTalk, namingTalk, pollTalk } from "./talks.js";

declare global {
  interface Window {
    room: RoomView;
  }
}

const query = new URLSearchParams(location.search);
// Every state is shown as to somebody who was never here; a reload is their second visit.
const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
if (visit?.type !== "reload") localStorage.clear();
const state = query.get("state") ?? "room";
const count = Number(query.get("n") ?? "5");
const host = document.getElementById("host") as HTMLElement;
host.style.width = `${query.get("width") ?? 1100}px`;
if (query.has("fill")) host.style.height = `${query.get("fill")}px`;

const session = fakeSession("physics-101");
const engine = fakeEngine();
const view = viewStateOf(session);

const people = Array.from({ length: Math.max(0, count - 1) }, (_, index) => person(index));
const you = person(4, {
  id: "you",
  role: query.has("owner") ? "owner" : "member",
  state: { microphone: true, camera: true },
});
const streams = people
  .filter((who) => who.state.camera)
  .map((who, index) => video(`v${index}`, who.id));
const ada = person(0);
const kernel = person(1, {
  id: "kernel",
  kind: "kernel",
  user: { ...person(1).user, display_name: "Ben Ibáñez (kernel)" },
  state: {},
});
const all = [...people];
if (query.has("kernel")) {
  all.push(kernel);
  streams.push(video("k1", "kernel", "data:sim.field"));
}
if (people[2]) {
  all[2] = { ...people[2], state: { ...people[2].state, hand: true, hand_at: 1 } };
}
if (people[4]) all[4] = { ...people[4], state: { ...people[4].state, away: true } };

function live(): void {
  session.you.value = you;
  session.participants.value = new Map([you, ...all].map((who) => [who.id, who]));
  session.streams.value = new Map(streams.map((stream) => [stream.id, stream]));
  engine.pictures.value = new Set(streams.map((stream) => stream.id));
  engine.speaking.value = new Set(["p0"]);
  engine.microphone.value = { kind: "on" };
  engine.levels.value = new Map([["you", 0.6]]);
  engine.stats.value = new Map(
    streams.map((stream, index) => [
      stream.id,
      {
        latencyMs: index === 1 ? 240 : 38 + index,
        fps: 24,
        width: 640,
        height: 360,
        bitrate: 4e5,
        lost: 0,
      },
    ]),
  );
  session.phase.value = { kind: "live" };
  view.since.value = Date.now() - 1_450_000;
}

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAHgAAAAyCAIAAAAYxYiPAAAAU0lEQVR42u3QQREAAAQAMN2MfnJSbEWmq5eVESRI0KBBgwYNGjRo0KBBgwYNGjRo0KBBgwYNGjRo0KBBgwYNGjRo0KBBgwYNGjRo0KBBgwYN+jFYb4sBv3rTz5AAAAAASUVORK5CYII=";

/** What the own camera would give. */
function selfie(): MediaStream {
  const canvas = document.createElement("canvas");
  engine.attachCanvas("v3", canvas, { width: 640, height: 360 });
  const stream = canvas.captureStream(5);
  // A canvas gives a picture only when it is drawn to.
  setInterval(() => engine.attachCanvas("v3", canvas, { width: 640, height: 360 }), 200);
  return stream;
}

function talk(): void {
  const yesterday = Date.now() - 26 * 3600_000;
  session.messages.value = [
    message(1, ada, "See you tomorrow at **ten**.", { at: yesterday }),
    message(
      2,
      ada,
      "Fit both models and share the curve.\nThe loss is `L = ½‖y − Xβ‖²`, see https://en.wikipedia.org/wiki/Least_squares.",
    ),
    message(
      3,
      ada,
      "Please mind:\n\n- *no* regularisation yet\n- the first 10 epochs are warm-up\n- ask when in doubt",
    ),
    message(
      4,
      person(2),
      '```python\nbeta = np.linalg.lstsq(X, y)[0]\nplt.plot(history, label="a rather long label that does not fit into the card")\n```',
      {
        reactions: [
          { emoji: "👍", by: [ada, you, person(5)], mine: true },
          { emoji: "🎉", by: [ada], mine: false },
        ],
      },
    ),
    message(5, kernel, "Converged after 38 epochs.", {
      data: { "image/png": PNG, "text/plain": "<Figure>" },
    }),
    message(6, kernel, "", {
      data: { "text/plain": "epoch   loss\n    1   0.934\n    2   0.812\n   38   0.104" },
    }),
    message(7, you, "Nice! <b>not bold</b> and <script>alert(1)</script>", {
      own: true,
      replyTo: "m5",
      editedAt: Date.now(),
    }),
    message(8, person(3), "", { deleted: true }),
    message(9, you, "Is the seed fixed?", { own: true, to: ["p0"] }),
    message(10, you, "This one is on its way", {
      own: true,
      id: null,
      offset: null,
      cid: "c1",
      delivery: { kind: "pending" },
      at: Date.now(),
    }),
    message(11, you, "This one did not make it", {
      own: true,
      id: null,
      offset: null,
      cid: "c2",
      at: Date.now(),
      delivery: { kind: "failed", reason: "The server could not keep the message." },
    }),
  ];
  session.typing.value = new Set(["p1"]);
}

function moderating(): void {
  session.rights.value = { chat: true, publish: true, moderate: true, guest_links: true };
  session.roomInfo.value = {
    name: "physics-101",
    title: "Physics 101: the lab",
    locked: false,
    epoch: "e",
    offset: 0,
    access: "lobby",
    invited: [
      "grace",
      "hedy.lamarr",
      "a-very-long-user-name-of-some-external-provider@example.org",
    ],
  };
}

const states: Record<string, () => void> = {
  places: () => {
    talk();
    live();
    provideHost(new FakeNotebook());
    const at = (id: string, path: string, cell: string): void => {
      const who = session.participants.value.get(id);
      if (!who) return;
      const moved = { ...who, state: { ...who.state, location: { path, cell } } };
      session.participants.value = new Map(session.participants.value).set(id, moved);
    };
    at(all[0]?.id ?? "", "physics/lab-3.ipynb", "fit");
    at(
      all[1]?.id ?? "",
      "physics/a rather long name of a notebook that does not fit.ipynb",
      "elsewhere",
    );
    view.tab.value = "people";
    const places = placesOf(session);
    places.sharing.value = !query.has("off");
    places.follow(query.has("off") ? null : (all[0]?.id ?? null));
  },
  archive: () => {
    live();
    const total = Number(query.get("total") ?? "10000");
    giveArchive(session, total, Number(query.get("loaded") ?? String(total)));
  },
  room: () => {
    live();
    talk();
  },
  quiet: live,
  polls: () => {
    live();
    moderating();
    session.messages.value = pollTalk(you);
  },
  files: () => {
    live();
    session.messages.value = fileTalk(you);
  },
  naming: () => {
    live();
    session.messages.value = namingTalk(you);
  },
  // `&log=10000`: so many messages
  long: () => {
    live();
    session.messages.value = longTalk(Number(query.get("log") ?? "2000"), you);
    session.history.value = { more: true, loading: false, error: null };
  },
  // reading around an old message while there are newer ones
  passage: () => {
    live();
    const all = longTalk(1000, you);
    session.messages.value = all.slice(-60);
    session.passage.value = {
      focus: "m500",
      messages: all.slice(450, 550),
      older: true,
      newer: true,
      loading: false,
      error: null,
    };
  },
  alone: () => {
    all.length = 0;
    streams.length = 0;
    live();
    engine.microphone.value = { kind: "off" };
  },
  ask: () => undefined,
  preview: () => {
    engine.microphone.value = { kind: "on" };
    engine.camera.value = { kind: "on" };
    engine.selfStream.value = selfie();
  },
  refused: () => {
    engine.camera.value = {
      kind: "denied",
      reason:
        "The browser did not allow the camera: allow it in the address bar or the system’s settings and click again.",
    };
  },
  mute: () => {
    live();
    talk();
    engine.microphone.value = { kind: "off" };
    engine.mutedSpeech.value = true;
  },
  sharing: () => {
    live();
    talk();
    engine.screen.value = { kind: "on" };
    engine.selfScreen.value = selfie();
    session.streams.value = new Map(session.streams.value).set(
      "mine",
      video("mine", "you", "screen"),
    );
  },
  joining: () => {
    session.phase.value = { kind: "joining" };
  },
  reconnecting: () => {
    live();
    talk();
    session.phase.value = {
      kind: "reconnecting",
      attempt: 2,
      retryAt: Date.now() + 4000,
      reason: "The connection to the meeting was lost.",
    };
  },
  unreachable: () => {
    session.phase.value = {
      kind: "reconnecting",
      attempt: 3,
      retryAt: Date.now() + 7000,
      reason: "The server does not answer.",
    };
  },
  devices: () => {
    live();
    talk();
    engine.microphone.value = {
      kind: "denied",
      reason:
        "The browser does not allow the microphone; allow it at the left of the address and click again.",
    };
    engine.camera.value = {
      kind: "missing",
      reason: "No camera was found; others see your initials.",
    };
    engine.playbackBlocked.value = true;
  },
  insecure: () => {
    live();
    talk();
    engine.capability.value = {
      camera: false,
      microphone: false,
      watch: false,
      reason:
        "This page is served over plain HTTP: the browser gives no camera and no microphone; chat works.",
    };
    engine.pictures.value = new Set();
    engine.microphone.value = { kind: "unsupported" };
    engine.camera.value = { kind: "unsupported" };
  },
  notices: () => {
    live();
    talk();
    session.notices.value = [
      {
        id: 1,
        level: "info",
        code: "muted",
        text: "Ada muted your microphone.",
        at: Date.now() + 1e6,
      },
      {
        id: 2,
        level: "error",
        code: "too-fast",
        text: "Too many messages; wait 2 seconds.",
        at: Date.now() + 1e6,
      },
    ];
    session.reactions.value = [{ id: 1, by: "p1", emoji: "👏", at: Date.now() + 1e6 }];
  },
  people: () => {
    live();
    talk();
    view.tab.value = "people";
  },
  spotlight: () => {
    live();
    talk();
    view.layout.value = "spotlight";
  },
  share: () => {
    streams.push(video("s7", "p1", "screen"));
    live();
    talk();
  },
  quality: () => {
    live();
    talk();
    const bad: Record<string, Partial<StreamStats>> = {
      v0: { latencyMs: 620, share: 0.9 },
      v1: { stalledMs: 5200, share: 0 },
      v4: { share: 0.25 },
    };
    engine.stats.value = new Map(
      [...engine.stats.value].map(([id, stats]) => [
        id,
        {
          ...stats,
          share: 1,
          codec: "vp8",
          lost: 12,
          ...bad[id],
          latencyP95Ms: (bad[id]?.latencyMs ?? stats.latencyMs ?? 0) * 1.4,
        },
      ]),
    );
    const flow = (stream: string, side: StreamFlow["side"]): [string, StreamFlow] => [
      stream,
      { type: "stream.flow", stream, state: stream === "v5" ? "reduced" : "paused", side },
    ];
    session.flows.value = new Map(
      (["receiver", "sender", "relay"] as const).map((side, index) =>
        flow(["v2", "v3", "v5"][index] ?? "", side),
      ),
    );
  },
  float: () => {
    live();
    talk();
    setTimeout(() => floatInPage(window.room, false));
  },
  closed: () => {
    live();
    talk();
    view.panelOpen.value = false;
    view.seen.value = 4;
  },
  reply: () => {
    live();
    talk();
    view.replyTo.value = session.messages.value[3] ?? null;
    view.draft.value = "One line\nand another\nand a third";
  },
  waiting: () => {
    session.roomInfo.value = {
      name: "physics-101",
      title: "Physics 101: the lab",
      locked: false,
      epoch: "",
      offset: 0,
    };
    session.phase.value = { kind: "waiting" };
  },
  knock: () => {
    live();
    talk();
    moderating();
    session.lobby.value = [person(6)];
  },
  knocks: () => {
    live();
    talk();
    moderating();
    session.lobby.value = [person(6), person(7, { kind: "guest" }), person(3)];
  },
  lobby: () => {
    live();
    moderating();
    session.lobby.value = [person(6), person(7, { kind: "guest" }), person(3)];
    view.tab.value = "people";
  },
  settings: () => {
    live();
    talk();
    moderating();
    view.tab.value = "people";
    view.settingsOpen.value = true;
    void session.createGuestLink({ hours: 4 });
    void session.createGuestLink({ hours: 168, label: "Thesis reviewers" });
  },
  invite: () => {
    live();
    talk();
    session.pageUrl.value = "https://hub.example.org/services/meet/rooms/physics-101";
  },
  observer: () => {
    live();
    talk();
    session.you.value = { ...you, role: "observer", state: {} };
    session.rights.value = { chat: false, publish: false, moderate: false, guest_links: false };
    engine.microphone.value = { kind: "off" };
  },
  denied: () => {
    session.phase.value = {
      kind: "ended",
      code: "denied",
      reason: "A moderator did not let you in.",
      canRejoin: true,
    };
  },
  uninvited: () => {
    session.phase.value = {
      kind: "ended",
      code: "not-invited",
      reason: "Only invited people come into this room: ask somebody inside to invite you.",
      canRejoin: true,
    };
  },
  often: () => {
    session.phase.value = {
      kind: "ended",
      code: "too-many",
      reason: "You are in this room 10 times already: leave it in another tab or window first.",
      canRejoin: true,
    };
  },
  rich: () => {
    live();
    session.messages.value = richTalk(ada, kernel);
  },
  left: () => {
    talk();
    session.phase.value = { kind: "ended", code: "left", reason: "", canRejoin: true };
  },
  removed: () => {
    session.phase.value = {
      kind: "ended",
      code: "removed",
      reason: "Ada removed you from the room.",
      canRejoin: false,
    };
  },
  locked: () => {
    session.phase.value = {
      kind: "ended",
      code: "room-locked",
      reason: "The room is locked.",
      canRejoin: true,
    };
  },
  missing: () => {
    session.phase.value = {
      kind: "ended",
      code: "not-installed",
      reason:
        "This server has no meetwidget extension: run `pip install meetwidget` where it runs, and restart it.",
      canRejoin: true,
    };
  },
};

if (query.has("locked"))
  session.roomInfo.value = {
    name: "physics-101",
    title: "physics-101",
    locked: true,
    epoch: "e",
    offset: 0,
  };
(states[state] ?? states.room)?.();
Object.assign(window, { session, engine, view, message, person });
const invitation = {
  command: "%meet join physics-101",
  link: "https://hub.example.org/user/ada/lab/tree/lab-3.ipynb",
};
window.room = { session, engine, invitation, state: view, returning: false };
mountRoom(host, {
  session,
  engine,
  invitation,
  fill: query.has("fill"),
  signal: new AbortController().signal,
});
