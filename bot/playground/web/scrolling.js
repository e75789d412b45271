/** Keeps the newest message in sight, unless the user is reading older messages. */

import { icon, make, one } from "./dom.js";
import { shown, world } from "./world.js";

const NEAR = 60; // in pixels; positions closer than this count as the same
const MARGIN = 8; // in pixels, between the top of the log and the top of the newest message

const log = one("#log");
const messages = one("#messages");
const down = one("#down");

/**
 * What the user is reading. "top" and "bottom" are the top and bottom of the newest message: that end stays in sight
 * when the page grows. "between" is the middle of a newest message that is higher than the screen. "older" means older
 * messages.
 * @type {"top" | "bottom" | "between" | "older"}
 */
let reading = "top";
let lastScrollTop = 0; // how far the log was scrolled when this module last looked
let lastBottom = 0; // how far the log could be scrolled at that time

/** Return whether the page follows the chat, which means that the newest message is in sight. */
export function isFollowing() {
  return reading !== "older";
}

/** Make the page follow the chat from now on. */
export function follow() {
  reading = "top";
}

/**
 * Decide which end of the newest message stays in sight. Call this before the newest message is edited. If its top is
 * in sight and the edit adds a picture, the top stays in sight. If its buttons are in sight, the buttons stay in sight,
 * because an edit often adds buttons.
 * @param {boolean} addsMedia
 */
export function beforeEdit(addsMedia) {
  const { top, bottom } = ends();
  if (!isFollowing() || bottom > lastBottom) return;
  reading = addsMedia && log.scrollTop < top + NEAR ? "top" : place();
}

/** Scroll to the newest message if the page follows the chat. Call this after each change of the messages. */
export function toNewest() {
  const { top, bottom } = ends();
  if (reading === "top") log.scrollTop = top;
  if (reading === "bottom") log.scrollTop = bottom;
  lastScrollTop = log.scrollTop;
  lastBottom = bottom;
  showDown();
}

/**
 * Show the button that scrolls to the newest message, with the number of unread messages. Hide the button if the page
 * follows the chat.
 */
export function showDown() {
  const chat = shown();
  if (isFollowing()) chat.unread = 0;
  const count = chat.unread ? make("span", { className: "count" }, String(chat.unread)) : "";
  down.hidden = isFollowing();
  down.replaceChildren(icon("down"), count);
}

/**
 * Return the scroll positions of the top and bottom of the newest message, in pixels. They are the same if the message
 * fits on the screen.
 */
function ends() {
  const bottom = log.scrollHeight - log.clientHeight;
  const newest = messages.lastElementChild;
  const top = newest instanceof HTMLElement ? newest.offsetTop - messages.offsetTop - MARGIN : bottom;
  return { top: Math.min(top, bottom), bottom };
}

/** Return what the user is reading now, which depends on how far the log is scrolled. */
function place() {
  const { top, bottom } = ends();
  const fromTop = log.scrollTop - top;
  const toBottom = bottom - log.scrollTop;
  if (fromTop <= -NEAR) return "older";
  if (Math.abs(fromTop) < Math.min(NEAR, toBottom)) return "top";
  return toBottom < NEAR ? "bottom" : "between";
}

log.addEventListener("scroll", () => {
  if (log.scrollTop === lastScrollTop) return; // the scrolling was done by this module
  if (isFollowing() && ends().bottom > lastBottom) return; // the log has grown, and the user has not scrolled
  lastScrollTop = log.scrollTop;
  reading = place();
  showDown();
});

const sizes = new ResizeObserver(() => {
  if (world.chats.size) toNewest();
});
sizes.observe(messages);
sizes.observe(log);
