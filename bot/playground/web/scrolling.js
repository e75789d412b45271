/** Keeps the newest message in sight, unless the user reads further up. */

import { icon, make, one } from "./dom.js";
import { shown, world } from "./world.js";

const NEAR = 60; // a position counts as reached within this many pixels
const MARGIN = 8; // pixels between the log's top and a message that is shown from its top

const log = one("#log");
const messages = one("#messages");
const down = one("#down");

/**
 * Where the user reads: at the top or the bottom of the newest message, which then stays in sight when the page grows;
 * between them, in a message that is higher than the screen; or further up, among older messages.
 * @type {"top" | "bottom" | "between" | "older"}
 */
let reading = "top";
let lastScrollTop = 0; // how far the log was scrolled when this module last looked
let lastBottom = 0; // how far it could be scrolled then

/** Return whether the newest message is in sight, so that the page follows the chat. */
export function isFollowing() {
  return reading !== "older";
}

/** Follow the chat from now on. */
export function follow() {
  reading = "top";
}

/**
 * Call this before the newest message is edited. If its top is in sight, it stays in sight when a picture is added. If
 * its buttons are in sight, they stay in sight: an edit often adds some.
 * @param {boolean} addsMedia
 */
export function beforeEdit(addsMedia) {
  const { top, bottom } = ends();
  if (!isFollowing() || bottom > lastBottom) return;
  reading = addsMedia && log.scrollTop < top + NEAR ? "top" : place();
}

/** Scroll to the newest message, if the page follows the chat. Call this after each change of the messages. */
export function toNewest() {
  const { top, bottom } = ends();
  if (reading === "top") log.scrollTop = top;
  if (reading === "bottom") log.scrollTop = bottom;
  lastScrollTop = log.scrollTop;
  lastBottom = bottom;
  showDown();
}

/** Show the button that scrolls to the newest message, with the number of unread ones; hide it when following. */
export function showDown() {
  const chat = shown();
  if (isFollowing()) chat.unread = 0;
  const count = chat.unread ? make("span", { className: "count" }, String(chat.unread)) : "";
  down.hidden = isFollowing();
  down.replaceChildren(icon("down"), count);
}

/** Return how far to scroll, in pixels, to the top and bottom of the newest message; equal if it fits on the screen. */
function ends() {
  const bottom = log.scrollHeight - log.clientHeight;
  const newest = messages.lastElementChild;
  const top = newest instanceof HTMLElement ? newest.offsetTop - messages.offsetTop - MARGIN : bottom;
  return { top: Math.min(top, bottom), bottom };
}

/** Return where the user reads now, given how far the log is scrolled. */
function place() {
  const { top, bottom } = ends();
  const fromTop = log.scrollTop - top;
  const toBottom = bottom - log.scrollTop;
  if (fromTop <= -NEAR) return "older";
  if (Math.abs(fromTop) < Math.min(NEAR, toBottom)) return "top";
  return toBottom < NEAR ? "bottom" : "between";
}

log.addEventListener("scroll", () => {
  if (log.scrollTop === lastScrollTop) return; // this module has scrolled
  if (isFollowing() && ends().bottom > lastBottom) return; // the log has grown, and nobody has scrolled
  lastScrollTop = log.scrollTop;
  reading = place();
  showDown();
});

const sizes = new ResizeObserver(() => {
  if (world.chats.size) toNewest();
});
sizes.observe(messages);
sizes.observe(log);
