/** Keep the newest message in sight, unless somebody reads further up. */

import { icon, make, one } from "./dom.js";
import { shown, world } from "./world.js";

const NEAR = 60; // pixels from the newest message within which one follows the chat

const log = one("#log");
const messages = one("#messages");
const down = one("#down");
let following = true;
let laidOut = 0; // the height of all messages when last scrolled to the newest

/** Whether the newest message is in sight, and stays so when another comes. */
export function isFollowing() {
  return following;
}

/** Follow the chat from here on. */
export function follow() {
  following = true;
}

/** Scroll to the newest message, for one who follows the chat. To be called whenever the messages have changed. */
export function toNewest() {
  if (following) log.scrollTop = laidOut = log.scrollHeight;
  showDown();
}

/** The button that leads to the newest message, with the number of those not seen. */
export function showDown() {
  const chat = shown();
  if (following) chat.unread = 0;
  const count = chat.unread ? make("span", { className: "count" }, String(chat.unread)) : "";
  down.hidden = following;
  down.replaceChildren(icon("down"), count);
}

log.addEventListener("scroll", () => {
  if (following && log.scrollHeight > laidOut) return; // it has grown, and nobody has scrolled
  following = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  showDown();
});

const sizes = new ResizeObserver(() => {
  if (world.chats.size) toNewest();
});
sizes.observe(messages);
sizes.observe(log);
