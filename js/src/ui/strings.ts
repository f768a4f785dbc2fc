/** Every word the interface says, in one place, ready for translation. */

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

/** "Ada", "Ada and Ben", "Ada, Ben and 2 others". */
function names(list: readonly string[]): string {
  const [first = "", second = "", third = ""] = list;
  if (list.length <= 1) return first;
  if (list.length === 2) return `${first} and ${second}`;
  if (list.length === 3) return `${first}, ${second} and ${third}`;
  return `${first}, ${second} and ${count(list.length - 2, "other", "others")}`;
}

export const strings = {
  names,
  room: (room: string) => `Meeting room ${room}`,
  people: (n: number) => count(n, "person", "people"),
  kernels: (n: number) => count(n, "kernel", "kernels"),
  elapsed: (time: string) => `In the meeting for ${time}`,

  // Connection
  good: "good",
  fair: "fair",
  poor: "poor",
  joining: "joining",
  reconnecting: "reconnecting",
  left: "left",
  latency: (ms: number) => `${ms} ms`,
  latencyHint: (ms: number) => `From camera to this screen: ${ms} ms`,
  qualityHint: (ms: number) => `Median delay of what you see and hear: ${ms} ms`,
  lineHint: "The connection to the room",

  // Header
  invite: "Invite people",
  copied: "Copied",
  copyFailed: "Copying is not allowed here; select the line and copy it.",
  inviteTitle: "Bring people in",
  inviteHow: "Anyone who can reach this Jupyter server runs this in a notebook:",
  inviteLink: "or opens the notebook by its link:",
  copyCommand: "Copy the command",
  copyLink: "Copy the link",
  layoutGrid: "Show everyone in equal tiles",
  layoutSpotlight: "Show the speaker large",
  panelHide: "Hide chat and people",
  panelShow: "Show chat and people",
  unread: (n: number) => count(n, "new message", "new messages"),
  lockedRoom: "The room is locked: nobody new gets in",

  // Controls
  controls: "Meeting controls",
  microphone: "Microphone",
  camera: "Camera",
  hand: "Raised hand",
  microphoneOn: "Turn the microphone on",
  microphoneOff: "Mute the microphone",
  cameraOn: "Turn the camera on",
  cameraOff: "Turn the camera off",
  starting: "Starting…",
  chooseMicrophone: "Which microphone",
  chooseCamera: "Which camera",
  handRaise: "Raise your hand",
  handLower: "Lower your hand",
  react: "Send a reaction",
  leave: "Leave",
  leaveLong: "Leave the meeting",
  emojiPicker: "Emoji",

  // Tiles
  you: "You",
  kernelOf: (name: string) => `${name}’s kernel`,
  yourKernel: "your kernel",
  screenOf: (name: string) => `${name}’s screen`,
  yourScreen: "Your screen",
  muted: "microphone off",
  unmuted: "microphone on",
  speaking: "speaking",
  handPlace: (place: number) => `Hand raised, number ${place} in the queue`,
  away: "away",
  awayLong: "Connection lost; back in a moment, perhaps",
  pin: (name: string) => `Show ${name} large`,
  unpin: "Back to equal tiles",
  stage: "Participants",
  more: (n: number) => `+${n}`,
  waiting: "Waiting for the picture…",

  // Panel
  chat: "Chat",
  peopleTab: "People",
  panel: "Chat and people",
  owner: "owner",
  moderator: "moderator",
  observer: "observer",
  kernelTag: "kernel",
  guestTag: "guest",
  inRoom: "In the room",
  kernelsHere: "Kernels",
  handsUp: "Raised hands",
  mutePerson: (name: string) => `Mute ${name}`,
  removePerson: (name: string) => `Remove ${name} from the room`,
  removeSure: (name: string) => `Remove ${name}?`,
  removeYes: "Remove",
  cancel: "Cancel",
  lockRoom: "Lock the room",
  unlockRoom: "Unlock the room",
  moderateFailed: "That did not work; try again.",

  // Chat
  today: "Today",
  yesterday: "Yesterday",
  messages: "Messages",
  noMessages: "No messages yet",
  noMessagesHint: "What you write here stays with the room: whoever comes later can read it.",
  loadOlder: "Load older messages",
  loadingOlder: "Loading older messages…",
  olderFailed: "Older messages did not load.",
  beginning: "This is where the chat begins",
  newMessages: (n: number) => count(n, "new message", "new messages"),
  toNewest: "Jump to the newest",
  edited: "edited",
  deleted: "Message deleted",
  sending: "Sending…",
  failed: (reason: string | undefined) => reason ?? "Not sent.",
  retry: "Try again",
  discard: "Discard",
  reply: "Reply",
  replyTo: (name: string) => `Replying to ${name}`,
  replyGone: "An earlier message",
  edit: "Edit",
  editing: "Editing your message",
  delete: "Delete",
  deleteSure: "Delete this message for everyone?",
  deleteYes: "Delete",
  addReaction: "Add a reaction",
  reactedBy: (emoji: string, who: string) => `${who} reacted with ${emoji}`,
  privateTo: (who: string) => `only for ${who}`,
  typing: (list: readonly string[]) =>
    list.length > 3
      ? "Several people are typing…"
      : `${names(list)} ${list.length === 1 ? "is" : "are"} typing…`,
  placeholder: (room: string) => `Message ${room}`,
  sendMessage: "Send",
  saveEdit: "Save",
  insertEmoji: "Insert an emoji",
  cancelReply: "Do not reply",
  cancelEdit: "Stop editing",
  tooLong: (over: number) => `${over} bytes too long for one message`,
  offline: "You are offline; this is sent when the connection is back.",
  readOnly: "You are an observer here: you can read, not write.",
  output: "Output",
  cannotShow: (types: string) => `This notebook part cannot be shown here (${types}).`,
  imageFrom: (name: string) => `Picture from ${name}`,
  code: "Code",
  copyCode: "Copy",
  showAll: "Show all",
  showLess: "Show less",

  // Announcements for screen readers
  announceMessage: (who: string, text: string) => `${who}: ${text}`,
  announceMessages: (n: number) => count(n, "new message", "new messages"),
  announceJoined: (who: string) => `${who} joined`,
  announceLeft: (who: string) => `${who} left`,
  announceHand: (who: string) => `${who} raised a hand`,

  // States
  joiningRoom: (room: string) => `Joining ${room}…`,
  aloneTitle: "You are the first one here",
  aloneText: "Others get in by running this line in a notebook on this server:",
  unreachableTitle: "The relay does not answer",
  unreachableText:
    "Check that the server runs and that its meetwidget extension is enabled (jupyter server extension list). This goes on trying by itself.",
  tryNow: "Try now",
  retryIn: (seconds: number) => `trying again in ${seconds} s`,
  retryNow: "trying now…",
  reconnectingBar: "The connection is gone;",
  removedTitle: "You were removed from this room",
  removedText: "A moderator ended your part in this meeting.",
  lockedTitle: "This room is locked",
  lockedText: "Nobody new gets in for now. Ask someone inside to unlock it, then try again.",
  deniedTitle: "You were not let in",
  notInvitedTitle: "This room is by invitation",
  tooManyTitle: "You are in this room too often",
  replacedTitle: "Open somewhere else",
  replacedText: "This meeting went on in another window with the same session.",
  leftTitle: "You left the meeting",
  leftText: (room: string) => `The chat of ${room} is kept. You can come back at any time.`,
  overTitle: "The meeting is over",
  signedOutTitle: "You are signed out",
  notInstalledTitle: "This server has no relay",
  invalidRoomTitle: "That is not a room’s name",
  protocolTitle: "Page and server do not fit together",
  tryAgain: "Try again",
  rejoin: "Rejoin",
  rejoinTitle: "One click and you are back",
  joinTitle: "A meeting room",
  askText:
    "Opening a page never joins by itself. Microphone and camera stay off until you turn them on.",
  join: "Join",
  noAccessTitle: "You cannot enter this room",
  soundBlocked: "The browser waits for a click before it plays sound.",
  hear: "Click to hear",
  dismiss: "Dismiss",
  noRoomText: "This widget names no room; run %meet join NAME in a cell.",
  noServerText:
    "This notebook is not shown by a Jupyter server’s own page, so the room cannot be reached from here; open it in JupyterLab or Notebook 7.",
  crashedTitle: "The room cannot be shown",
  crashedText: "The meeting itself may go on; run the cell again to show it.",
};

export type Strings = typeof strings;

/** Replaces words, for a translation; what is not given stays English. */
export function translate(words: Partial<Strings>): void {
  Object.assign(strings, words);
}
