/** Every word the interface says, in one place, ready for translation. */

import type { RichWords } from "../rich/types.js";
import type { LaterWords } from "./later/words.js";

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

/** "Ada", "Ada and Ben", "Ada, Ben and 2 others". */
function names(list: readonly string[]): string {
  const [first = "", second = "", third = ""] = list;
  if (list.length <= 1) return first;
  if (list.length === 2) return `${first} and ${second}`;
  if (list.length === 3) return `${first}, ${second} and ${third}`;
  return `${first}, ${second} and ${count(list.length - 2, "other", "others")}`;
}

/** Where a narrow place is: at this page, at the other end, in the server; null: unknown. */
type Fault = "yours" | "theirs" | "relay" | null;

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
  inLobby: "waiting",
  latency: (ms: number) => `${ms} ms`,
  latencyHint: (ms: number) => `From camera to this screen: ${ms} ms`,
  qualityHint: (ms: number) => `Median delay of what you see and hear: ${ms} ms`,
  lineHint: "The connection to the room",

  // Quality of one tile. `side` says where the narrow place is, `name` whose tile it is (null: own).
  slow: (side: Fault, name: string | null) =>
    side === "yours"
      ? "Your connection is slow"
      : side === "relay"
        ? "The server is busy"
        : side === "theirs" && name !== null
          ? `${name}’s connection is slow`
          : "",
  because: (side: Fault, name: string | null, what: string) => {
    const why = strings.slow(side, name);
    return why === "" ? `${what.charAt(0).toUpperCase()}${what.slice(1)}.` : `${why}: ${what}.`;
  },
  paused: "the picture is paused",
  pausedWord: "Paused",
  lostWord: "No picture",
  slowWord: "Slow",
  reducedWord: "Reduced",
  noPicture: (seconds: number) => `no new picture for ${count(seconds, "second", "seconds")}`,
  gaps: "parts of the picture are left out",
  late: (ms: number) => `it comes ${ms} ms late`,
  reduced: "a simpler picture is sent",
  details: (name: string) => `Connection details of ${name}`,
  allGood: "Everything comes through well.",
  detailDelay: "Delay",
  detailPicture: "Picture",
  detailRate: "Data",
  detailArrived: "Arrived",
  detailLost: "Left out",
  detailCodec: "Coding",
  detailSound: "Sound",
  detailBuffer: "Sound waits",
  detailLips: "Sound and lips",
  delayValue: (p50: number, p95: number | null) =>
    p95 === null ? `${p50} ms` : `${p50} ms, mostly under ${p95} ms`,
  pictureValue: (width: number, height: number, fps: number) =>
    `${width} × ${height}, ${fps} a second`,
  rateValue: (kilobits: number) => `${kilobits} kbit/s`,
  framesValue: (n: number) => count(n, "frame", "frames"),
  bufferValue: (ms: number, gaps: number | null) =>
    gaps ? `${ms} ms, ran out ${count(gaps, "time", "times")}` : `${ms} ms`,
  lipsValue: (ms: number) =>
    Math.abs(ms) < 10 ? "together" : `sound ${Math.abs(ms)} ms ${ms > 0 ? "early" : "late"}`,

  // Header
  invite: "Invite people",
  copied: "Copied",
  copyFailed: "Copying is not allowed here; select the line and copy it.",
  inviteTitle: "Bring people in",
  inviteHow: "Anyone who can reach this Jupyter server runs this in a notebook:",
  inviteLink: "or opens the notebook by its link:",
  invitePage: "Whoever may enter opens the room’s page, without a notebook:",
  inviteOr: "or runs this in a notebook:",
  copyCommand: "Copy the command",
  copyLink: "Copy the link",
  layoutGrid: "Show everyone in equal tiles",
  layoutSpotlight: "Show the speaker large",
  view: "View",
  viewGrid: "Equal tiles",
  viewSpotlight: "Speaker large",
  hideSelf: "Hide my own picture",
  fullScreen: "Full screen",
  fullScreenEnd: "Leave full screen",
  float: "Float in a small window",
  floatTitle: (room: string) => `Meeting ${room}`,
  floatEnd: "Back to the notebook",
  floatSize: "Another size",
  floatMove: "Move the window: drag, or use the arrow keys",
  floating: "The meeting floats in a small window",
  floatOffer: "Keep the meeting in sight",
  floatNo: "Not on this page",
  panelHide: "Hide chat and people",
  panelShow: "Show chat and people",
  unread: (n: number) => count(n, "new message", "new messages"),
  lockedRoom: "The room is locked: nobody new gets in",

  // Waiting room
  isWaiting: (name: string) => `${name} is waiting`,
  areWaiting: (n: number) => `${count(n, "person is", "people are")} waiting`,
  waitingGroup: "Waiting to be let in",
  admit: "Admit",
  admitPerson: (name: string) => `Admit ${name}`,
  admitAll: "Admit all",
  deny: "Deny",
  denyPerson: (name: string) => `Do not let ${name} in`,
  showWaiting: "Show",
  waitingTitle: "Please wait",
  waitingText: (title: string) =>
    `You are in the waiting room of ${title}. A moderator lets you in.`,
  letIn: "You are in the meeting",

  // Room settings
  roomSettings: "Settings",

  // Controls
  controls: "Meeting controls",
  microphone: "Microphone",
  camera: "Camera",
  hand: "Raised hand",
  microphoneOn: "Turn the microphone on (M, or hold Space to talk)",
  microphoneOff: "Mute the microphone (M)",
  cameraOn: "Turn the camera on (V)",
  cameraOff: "Turn the camera off (V)",
  youAreMuted: "You are muted: press M, or hold Space to talk",
  shareScreen: "Screen",
  shareScreenOn: "Share a window, tab or screen; the browser may offer a tab’s sound too",
  shareScreenOff: "Stop sharing your screen",
  devices: "Microphone, speaker and camera",
  soundMenu: "Microphone and speaker",
  starting: "Starting…",
  chooseMicrophone: "Which microphone",
  chooseCamera: "Which camera",
  chooseSpeaker: "Which speaker",
  testSpeaker: "Test",
  microphoneLevel: "How loud the microphone hears",
  cameraIsOff: "Your camera is off",
  previewBoth: "Turn on camera and microphone",
  previewCamera: "Turn on the camera",
  previewMicrophone: "Turn on the microphone",
  handRaise: "Raise your hand",
  handLower: "Lower your hand",
  react: "Send a reaction",
  noPublish: "Only some may share sound and picture in this room; ask a moderator.",
  noPublishObserver: "You are an observer here: you can watch and listen, not share.",
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
  unpin: "Unpin",
  pages: "Pages of participants",
  pageOf: (page: number, pages: number) => `Page ${page} of ${pages}`,
  pageBefore: "Previous page",
  pageNext: "Next page",
  sharingScreen: "You are sharing your screen",
  stopSharing: "Stop",
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
  role: (name: string) => `Role of ${name}`,
  member: "member",
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
  loadNewer: "Load newer messages",
  loadingNewer: "Loading newer messages…",
  newerFailed: "Newer messages did not load.",
  beginning: "This is where the chat begins",
  newMessages: (n: number) => count(n, "new message", "new messages"),
  toNewest: "Jump to the newest",
  newLine: "New",
  messageGone: "That message is not there any more.",

  // Reading: search, pins, transcript
  search: "Search the chat",
  searchHow: "Search the chat (Ctrl+F or ⌘F while you are in it)",
  pinnedMessages: (n: number) => count(n, "pinned message", "pinned messages"),
  pinnedShow: "Show all pinned messages",
  pinnedList: "Pinned messages",
  pinnedGo: (who: string, text: string) => `Pinned, ${who}: ${text}`,
  transcript: "Save the transcript",
  transcriptText: "The whole chat with shared code, outputs, polls and files, as you may read it.",
  transcriptNotebook: "As a notebook (.ipynb)",
  transcriptMarkdown: "As Markdown (.md)",
  transcriptJson: "As JSON (.json)",
  transcriptBusy: "Putting the transcript together…",
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
  noChat: "Only some may write in this room; you can read.",
  output: "Output",
  cannotShow: (types: string) => `This notebook part cannot be shown here (${types}).`,
  imageFrom: (name: string) => `Picture from ${name}`,
  sharedFrom: "from",
  /** Of rich text; what is not here is English, see src/rich/words.ts. */
  rich: {} as Partial<RichWords>,
  /** Of what is loaded later; what is not here is English, see src/ui/later/words.ts. */
  later: {} as Partial<LaterWords>,
  showAll: "Show all",
  showLess: "Show less",

  // Composer
  attach: "Add to the message",
  attachFile: "File or picture",
  attachPoll: "Poll",
  attachPrivate: "Private message",
  dropHere: "Drop files here to add them",
  noFiles: "This relay keeps no files.",
  tooManyFiles: (most: number) => `One message takes ${most} files; send the others with another.`,
  fileTooLarge: (name: string, size: string, most: string) =>
    `${name} has ${size}; a file here may have at most ${most}.`,
  fileEmpty: (name: string) => `${name} is empty; there is nothing to send.`,
  uploadFailed: "The file did not get through.",
  uploadFailedNamed: (name: string) => `${name} did not get through; try again or take it away.`,
  uploadsFirst: "The files are still on their way; send when they are there.",
  files: (n: number) => count(n, "file", "files"),
  attachedFiles: "Files of this message",
  removeFile: (name: string) => `Take ${name} away`,
  suggestions: "Suggestions",
  suggestionCount: (n: number) =>
    `${count(n, "suggestion", "suggestions")}; arrow keys choose, Enter takes one`,
  privateFor: (who: string) => `Only for ${who}`,
  privateEnd: "Write to everybody again",
  privateGone: (who: string) => `${who} is not here any more; take them off or wait.`,
  privateYou: "only for you",
  privateReply: "Reply privately",
  placeholderPrivate: "Write a private message",
  placeholderPoll: "Ask a question",
  placeholderFiles: "Add a comment",
  lookAt: "look at",
  placeEnd: "Do not point at the cell",

  // Polls
  poll: "Poll",
  pollPreview: (question: string) => `Poll: ${question}`,
  pollNeeds: "A poll needs a question and two different answers.",
  pollChooseOne: "Choose one",
  pollChooseAny: "Choose any",
  pollClosed: "Closed",
  pollClose: "Close the poll",
  voters: (n: number) => (n === 0 ? "nobody has voted" : count(n, "person voted", "people voted")),
  votes: (n: number) => count(n, "vote", "votes"),
  pollResult: (option: string, votes: string, percent: number, mine: boolean) =>
    `${option}: ${votes}, ${percent} %${mine ? ", your choice" : ""}`,

  // Messages
  moreTools: "More",
  copyText: "Copy the text",
  copyRefused: "Copying is not allowed here; select the text and copy it.",
  pinMessage: "Pin for everybody",
  unpinMessage: "Unpin",
  pinnedTag: "pinned",
  download: "Download",
  downloadFile: (name: string, size: string) => `Download ${name}, ${size}`,
  downloading: (percent: number) => `${percent} %`,
  downloadFailed: "The file did not come; try again.",
  openPicture: (name: string) => `Show ${name} large`,

  // Being told
  mentioned: (who: string, room: string) => `${who} mentioned you in ${room}`,
  wroteYou: (who: string, room: string) => `${who} wrote to you in ${room}`,
  mentionCount: (n: number) => count(n, "mention of you", "mentions of you"),
  askNotify: "Be told of mentions while you look elsewhere?",
  askNotifyYes: "Yes",
  askNotifyNo: "No",
  notifyOn: "Notifications when I am mentioned",
  notifyBlocked: "The browser does not allow notifications; allow them at the left of the address.",
  mentionSound: "A sound for mentions of me",

  // Announcements for screen readers
  announceMessage: (who: string, text: string) => `${who}: ${text}`,
  announcePrivate: (who: string, text: string) => `${who}, in private: ${text}`,
  announceMention: (who: string, text: string) => `${who} mentions you: ${text}`,
  announceMessages: (n: number) => count(n, "new message", "new messages"),
  announceJoined: (who: string) => `${who} joined`,
  announceLeft: (who: string) => `${who} left`,
  announceHand: (who: string) => `${who} raised a hand`,

  // States
  joiningRoom: (room: string) => `Joining ${room}…`,
  aloneTitle: "You are the first one here",
  aloneText: "Others get in by running this line in a notebook on this server:",
  unreachableTitle: "The relay does not answer",
  unreachableText: "This goes on trying by itself.",
  tryNow: "Try now",
  retryIn: (seconds: number) => `Trying again in ${seconds} s`,
  retryNow: "Trying now…",
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
  askAgain: "Ask again",
  rejoin: "Rejoin",
  rejoinTitle: "One click and you are back",
  joinTitle: (room: string) => `Ready to join ${room}?`,
  askText:
    "Opening a page never joins by itself. Microphone and camera stay off until you turn them on.",
  join: "Join",
  noAccessTitle: "You cannot enter this room",
  soundBlocked: "The browser waits for a click before it plays sound.",
  hear: "Click to hear",
  dismiss: "Dismiss",
  partMissing: "This part of the page could not be loaded.",

  // Places in notebooks
  pointAtCell: "Point at this cell",
  hereIAm: "Here I am",
  hereHint: "Lets everybody in the room see which notebook and cell you are in, and go there.",
  hereNow: (place: string) => `Everybody in the room sees that you are in ${place}.`,
  hereNot: "Everybody in the room will see the notebook and cell that you click into.",
  hereOn: (place: string) => `Everybody sees where you are: ${place}`,
  hereMark: "you show where you are",
  follow: "Follow",
  followPerson: (name: string) => `Follow ${name} through the notebooks`,
  following: (name: string) => `Following ${name} until you scroll or click`,
  followStop: "Stop",
  followLost: (name: string) => `${name} no longer says where they are, so you stay here.`,
  placeCell: (notebook: string, cell: number) => `${notebook}, cell ${cell}`,
  goTo: (place: string) => `Go to ${place}`,
  noSuchCell: (notebook: string) =>
    `${notebook} is open, but the cell is not in it: it may not be saved yet, or this is another notebook of that name.`,

  besideText: "The meeting is shown in the sidebar.",
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
