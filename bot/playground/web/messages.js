/** The messages of the chat that is shown. */

/** @import {Message} from "./changes.js" */

import { write } from "./compose.js";
import { all, icon, make, one } from "./dom.js";
import { formatted } from "./formatting.js";
import { keyboard, keys } from "./keyboard.js";
import { isFilling, medium, shownFile, stopWithin } from "./media.js";
import { beforeEdit, follow, isFollowing, toNewest } from "./scrolling.js";
import { shown, world } from "./world.js";

const log = one("#messages");

/** Show another chat from its start. */
export function showAll() {
  log.replaceChildren();
  follow();
  refill();
}

/** Show all messages of the chat. What is there already, such as a player, stays. */
export function refill() {
  const { messages } = shown();
  for (const node of all(".message")) if (!messages.has(Number(node.id.slice(1)))) node.remove();
  for (const message of messages.values()) showMessage(message, false);
  showAbout();
  toNewest();
}

/**
 * Show a message at the end, or in its place if it is on the page already.
 * @param {Message} message
 * @param {boolean} isNew whether it has come just now
 */
export function showMessage(message, isNew) {
  const old = shownMessage(message.id);
  const held = old ? keys(old).findIndex((key) => key.matches(":focus")) : -1;
  prepare(message, old);
  const node = article(message, old);
  node.classList.toggle("new", isNew);
  if (old) old.replaceWith(node);
  else log.append(...day(message), node);
  if (held >= 0) holdAgain(node, held);
  showAbout();
  if (isNew && !message.bot) follow();
  toNewest();
}

/** @param {number} id */
export function removeMessage(id) {
  const node = shownMessage(id);
  if (!node) return;
  stopWithin(node);
  const held = node.contains(document.activeElement);
  node.remove();
  if (held) focusNewest();
  showAbout();
}

/** What the bot says about itself, and START, in a chat without messages. */
export function showAbout() {
  const { messages, blocked } = shown();
  document.querySelector("#about")?.remove();
  one("#start").hidden = messages.size > 0 || blocked;
  if (messages.size) return;
  const title = make("b", {}, "What can this bot do?");
  log.replaceChildren(make("div", { id: "about" }, title, world.profile.description || "Tap START and see."));
}

/**
 * A message will come, or the newest one change: decide what of it shall be in sight.
 * @param {Message} message
 * @param {HTMLElement | null} old
 */
function prepare({ media }, old) {
  if (old === null && isFollowing()) follow();
  if (old !== null && old === log.lastElementChild) beforeEdit(media !== null && shownFile(old) === null);
}

/** @param {number} id */
function shownMessage(id) {
  return document.getElementById(`m${id}`);
}

/**
 * Put the focus on the same button as before an edit; if the buttons have gone, on the newest message.
 * @param {HTMLElement} node
 * @param {number} index
 */
function holdAgain(node, index) {
  const key = keys(node)[index];
  if (key) key.focus();
  else focusNewest();
}

function focusNewest() {
  if (log.lastElementChild instanceof HTMLElement) log.lastElementChild.focus();
}

/**
 * The day, above the first message of it.
 * @param {Message} message
 */
function day(message) {
  const name = inTime(message).toLocaleDateString("en-GB", { day: "numeric", month: "long" });
  if (all(".day").at(-1)?.textContent === name) return [];
  return [make("div", { className: "day" }, name)];
}

/**
 * @param {Message} message
 * @param {HTMLElement | null} old
 */
function article(message, old) {
  const className = `message ${message.bot ? "in" : "mine"}`;
  const node = make("article", { id: `m${message.id}`, className, tabIndex: -1 }, bubble(message, old));
  node.ariaLabel = message.bot ? "Massage coach" : "You";
  if (message.keyboard.length) node.append(keyboard(message));
  return node;
}

/**
 * @param {Message} message
 * @param {HTMLElement | null} old
 */
function bubble(message, old) {
  const { media, text, reaction } = message;
  const words = text
    ? make("div", { className: "words" }, formatted(message, write), meta(message))
    : meta(message);
  return make(
    "div",
    { className: isFilling(media) ? "bubble filled" : "bubble" },
    media && medium(media, message, old),
    words,
    reaction && make("span", { className: "reaction" }, reaction),
  );
}

/**
 * When it was written. Telegram does not call what a bot changes edited, since its buttons change all the time.
 * @param {Message} message
 */
function meta(message) {
  const time = inTime(message).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const edited = message.edited && !message.bot ? "edited " : "";
  return make("span", { className: "meta" }, edited, time, message.bot ? "" : icon("ticks"));
}

/** @param {Message} message */
function inTime({ date }) {
  return new Date(date * 1000);
}
