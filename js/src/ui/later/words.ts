/** The words of what is loaded later; they travel with it. A translation gives `strings.later`. */

import { strings } from "../strings.js";

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

const ENGLISH = {
  access: "Who may come in",
  accessInvited: "Invited people",
  accessInvitedHint: "Only people on the list below come in.",
  accessLobby: "Waiting room",
  accessLobbyHint: "New people wait until a moderator lets them in.",
  accessOpen: "Everybody",
  accessOpenHint: "Whoever the rules allow comes right in.",
  accessPrivate: "Private",
  accessPrivateHint: "As with invited people, and nobody else sees the room listed.",
  close: "Close",
  guestLinks: "Guest links",
  guestLinksHint: "Whoever has a guest link comes in without an account.",
  inviteAdd: "Invite",
  inviteUser: "User name",
  invited: "Invited people",
  invitedHint: "They come in without waiting.",
  linkFacts: (by: string, uses: number) => `by ${by}, used ${count(uses, "time", "times")}`,
  linkFor: "Valid for",
  linkHours: (hours: number) =>
    hours < 24 ? count(hours, "hour", "hours") : count(hours / 24, "day", "days"),
  linkMake: "Make a link",
  linkOnce: "Copy it now; it is not shown again.",
  linkRevoke: "Revoke",
  linkRevokeLong: (when: string) => `Revoke the link valid until ${when}`,
  linkUntil: (when: string) => `until ${when}`,
  pictureActual: "Show in its own size",
  pictureBefore: "Previous picture",
  pictureFit: "Fit to the window",
  pictureNext: "Next picture",
  pictureOf: (n: number, all: number) => `${n} of ${all}`,
  pollCancel: "No poll",
  pollLess: (n: number) => `Take answer ${n} away`,
  pollMore: "Another answer",
  pollMultiple: "People may choose several",
  pollOption: (n: number) => `Answer ${n}`,
  pollOptions: "Answers to choose from",
  privateDone: "Write to them",
  privateNobody: "Nobody else is here.",
  privateWho: "Who may read it",
  roomTitle: "Title",
  save: "Save",
  searchClose: "Close the search",
  searchCount: (n: number, more: boolean) =>
    more ? `More than ${n} messages` : count(n, "message", "messages"),
  searchHits: "Messages found",
  searchMore: "Search further back",
  searchNewer: "Newer hit",
  searchNone: (query: string) => `Nothing found for “${query}”.`,
  searchOlder: "Older hit",
  searchPlace: (at: number, n: number, more: boolean) => `${at} of ${n}${more ? "+" : ""}`,
  searching: "Searching…",
  uninvite: (name: string) => `Take ${name} off the list`,
};

export type LaterWords = typeof ENGLISH;

export const words: LaterWords = { ...ENGLISH, ...strings.later };
