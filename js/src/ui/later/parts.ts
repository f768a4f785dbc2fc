/**
 * What of the interface is loaded when it is opened for the first time.
 *
 * The entry of a bundle of its own (js/later.mjs). Everything these files import, other than each
 * other, is the main bundle's own copy: see shared.ts.
 */

export { Lightbox } from "../chat/lightbox.js";
export { PollForm } from "../chat/poll-form.js";
export { ReaderChooser } from "../chat/readers.js";
export { Search } from "../chat/search.js";
export { RoomSettings } from "../settings.js";
