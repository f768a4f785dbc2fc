/** Puts what a person wants to say into the relay's words. */

import type { ChatSend } from "../wire/control.js";
import type { SayOptions } from "./types.js";

/** The message to send under `cid`; fields that are not given are not there. */
export function compose(cid: string, body: string, options: SayOptions): ChatSend {
  const { replyTo, to, data, poll, files, mentions, location } = options;
  return {
    type: "chat.send",
    cid,
    body,
    ...(replyTo === undefined ? {} : { reply_to: replyTo }),
    ...(to === undefined ? {} : { to }),
    ...(data === undefined ? {} : { data }),
    ...(poll === undefined ? {} : { poll }),
    ...(files?.length ? { files: files.map(({ id }) => id) } : {}),
    ...(mentions?.length ? { mentions } : {}),
    ...(location === undefined ? {} : { location }),
  };
}
