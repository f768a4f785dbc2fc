/** Every word of the plain page, and those of the room that read differently on it. */

import type { Strings } from "../ui/strings.js";

export const words = {
  name: "Meet",
  title: (what: string) => `${what} · Meet`,

  // Top bar
  hub: "This hub",
  hubHome: "Hub home",
  signOut: "Sign out",
  signedInAs: (who: string) => `Signed in as ${who}`,
  allRooms: "All rooms",

  // Home
  heading: "Meeting rooms",
  intro: "Talk with people on this hub, from this page or from a notebook.",
  roomName: "Room name",
  roomExample: "physics-101",
  join: "Join",
  mayNotCreate: "You can enter rooms that are there already; new ones are opened by others.",
  loading: "Loading the rooms…",
  noRooms: "No rooms yet",
  noRoomsCreate: "Choose a name above to open the first one, then hand on its address.",
  noRoomsWait: "As soon as there is a room that you may enter, it is listed here.",
  inside: (n: number) => `${n} in the room`,
  inTheRoom: " in the room",
  nobody: "empty",
  youLeft: (room: string) => `You left ${room}.`,
  rejoin: "Rejoin",
  live: "Live now",
  others: "Other rooms",
  badges: {
    locked: "locked",
    lobby: "waiting room",
    invited: "by invitation",
    private: "private",
  },
  badgeHints: {
    locked: "Nobody new gets in for now",
    lobby: "A moderator lets newcomers in",
    invited: "Only people who were invited get in",
    private: "Only people who were invited get in, and only they see it here",
  },

  // Failures
  stale: (why: string) => `${why} This list may be out of date.`,
  failedTitle: "The rooms cannot be shown",
  signedOutTitle: "You are signed out",
  signIn: "Sign in",
  tryAgain: "Try again",
  trying: "Trying…",
  unknownTitle: "There is no such page",
  unknownText: "The address may have been cut off; all rooms are on the first page.",
  badRoomTitle: "That is not a room’s name",
  crashTitle: "This page does not work here",
  crashText: "Reload it; if that does not help, tell the people who run this hub.",

  // Guests
  guestTitle: "You are invited to a meeting",
  guestText:
    "No account is needed. Others see the name you give here, marked as a guest. Microphone and camera stay off until you turn them on.",
  guestName: "Your name",
  guestExample: "Ada Lovelace",
  guestNoName: "Give a name that others will see.",
  guestLongName: (most: number) => `A name has at most ${most} characters.`,
  guestNoRoom: "The meeting service did not say which room this link is for; try again later.",
  guestJoin: "Join as a guest",
  guestJoining: "Joining…",
  noLinkTitle: "This link is not complete",
  noLinkText: "Copy the whole address, with everything after the #, and open it again.",
  guestRefusedTitle: "This link does not let you in",
};

/** What the room says differently on a hub's page than in a notebook's output. */
export const roomWords: Partial<Strings> = {
  unreachableTitle: "The meeting service does not answer",
  unreachableText: "This page goes on trying by itself.",
  askText: "Microphone and camera stay off until you turn them on.",
  crashedText: "The meeting itself may go on; reload the page to show it.",
};
