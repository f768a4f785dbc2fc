/** What may be opened from a message. */

const SAFE_LINK = /^(?:https?:\/\/|mailto:)[^\s]+$/i;

export function safeLink(href: string): boolean {
  return SAFE_LINK.test(href);
}
