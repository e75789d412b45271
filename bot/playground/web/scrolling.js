/** Keep the newest message in sight, unless somebody reads further up. */

import { icon, make, one } from "./dom.js";
import { shown, world } from "./world.js";

const NEAR = 60; // pixels within which one is at a place
const MARGIN = 8; // pixels above a message that is shown from its top

const log = one("#log");
const messages = one("#messages");
const down = one("#down");

/**
 * Where one reads: at the top or the bottom of the newest message, which stays in sight whatever grows; between them,
 * in a message taller than the screen; or further up, among the older ones.
 * @type {"top" | "bottom" | "between" | "older"}
 */
let reading = "top";
let scrolledTo = 0; // where the log was when last looked at
let reach = 0; // how far one could scroll then

/** Whether the newest message is in sight, so that the next one will be, too. */
export function isFollowing() {
  return reading !== "older";
}

/** Follow the chat from here on. */
export function follow() {
  reading = "top";
}

/**
 * To be called before the newest message is edited. Who sees its top still does once a picture has come, but who is
 * at its buttons stays there: an edit often adds some.
 * @param {boolean} addsMedia
 */
export function beforeEdit(addsMedia) {
  const { top, bottom } = ends();
  if (!isFollowing() || bottom > reach) return;
  reading = addsMedia && log.scrollTop < top + NEAR ? "top" : place();
}

/** Scroll to the newest message, for one who follows the chat. To be called whenever the messages have changed. */
export function toNewest() {
  const { top, bottom } = ends();
  if (reading === "top") log.scrollTop = top;
  if (reading === "bottom") log.scrollTop = bottom;
  scrolledTo = log.scrollTop;
  reach = bottom;
  showDown();
}

/** The button that leads to the newest message, with the number of those not seen. */
export function showDown() {
  const chat = shown();
  if (isFollowing()) chat.unread = 0;
  const count = chat.unread ? make("span", { className: "count" }, String(chat.unread)) : "";
  down.hidden = isFollowing();
  down.replaceChildren(icon("down"), count);
}

/** How far to scroll to the newest message's top and bottom, in pixels; the same if it fits on the screen. */
function ends() {
  const bottom = log.scrollHeight - log.clientHeight;
  const newest = messages.lastElementChild;
  const top = newest instanceof HTMLElement ? newest.offsetTop - messages.offsetTop - MARGIN : bottom;
  return { top: Math.min(top, bottom), bottom };
}

/** Where one reads now, by how far the log is scrolled. */
function place() {
  const { top, bottom } = ends();
  const fromTop = log.scrollTop - top;
  const toBottom = bottom - log.scrollTop;
  if (fromTop <= -NEAR) return "older";
  if (Math.abs(fromTop) < Math.min(NEAR, toBottom)) return "top";
  return toBottom < NEAR ? "bottom" : "between";
}

log.addEventListener("scroll", () => {
  if (log.scrollTop === scrolledTo) return; // it was this module that scrolled
  if (isFollowing() && ends().bottom > reach) return; // it has grown, and nobody has scrolled
  scrolledTo = log.scrollTop;
  reading = place();
  showDown();
});

const sizes = new ResizeObserver(() => {
  if (world.chats.size) toNewest();
});
sizes.observe(messages);
sizes.observe(log);
