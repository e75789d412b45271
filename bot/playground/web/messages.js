/** Shows the messages of the open chat. */

/** @import {Message} from "./changes.js" */

import { write } from "./compose.js";
import { all, icon, make, one } from "./dom.js";
import { formatted } from "./formatting.js";
import { keyboard, keys } from "./keyboard.js";
import { isFilling, medium, shownFile, stopWithin } from "./media.js";
import { beforeEdit, follow, isFollowing, toNewest } from "./scrolling.js";
import { shown, world } from "./world.js";

const log = one("#messages");

/** Show the messages of a chat that has just been opened. */
export function showAll() {
  log.replaceChildren();
  follow();
  refill();
}

/** Show all messages of the chat. Media elements that are already on the page, such as audio players, are kept. */
export function refill() {
  const { messages } = shown();
  for (const node of all(".message")) if (!messages.has(Number(node.id.slice(1)))) node.remove();
  for (const message of messages.values()) showMessage(message, false);
  showAbout();
  toNewest();
}

/**
 * Show a message. If the message is already on the page, its element is replaced, otherwise it is added at the end.
 * @param {Message} message
 * @param {boolean} isNew whether the message has just arrived
 */
export function showMessage(message, isNew) {
  const old = shownMessage(message.id);
  const focused = old ? keys(old).findIndex((key) => key.matches(":focus")) : -1;
  prepare(message, old);
  const node = article(message, old);
  node.classList.toggle("new", isNew);
  if (old) old.replaceWith(node);
  else log.append(...day(message), node);
  if (focused >= 0) restoreFocus(node, focused);
  showAbout();
  if (isNew && !message.bot) follow();
  toNewest();
}

/** @param {number} id */
export function removeMessage(id) {
  const node = shownMessage(id);
  if (!node) return;
  stopWithin(node);
  const hadFocus = node.contains(document.activeElement);
  node.remove();
  if (hadFocus) focusNewest();
  showAbout();
}

/** Show the bot's description and the button START if the chat has no messages, and otherwise remove them. */
export function showAbout() {
  const { messages, blocked } = shown();
  document.querySelector("#about")?.remove();
  one("#start").hidden = messages.size > 0 || blocked;
  if (messages.size) return;
  const title = make("b", {}, "What can this bot do?");
  log.replaceChildren(make("div", { id: "about" }, title, world.profile.description || "Tap START and see."));
}

/**
 * Prepare for a message that is about to be added or edited: decide which part of the newest message stays visible.
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
 * Restore the focus after an edit. `index` is the position of the button that had the focus. If there is no button at
 * this position any more, focus the newest message.
 * @param {HTMLElement} node
 * @param {number} index
 */
function restoreFocus(node, index) {
  const key = keys(node)[index];
  if (key) key.focus();
  else focusNewest();
}

function focusNewest() {
  if (log.lastElementChild instanceof HTMLElement) log.lastElementChild.focus();
}

/**
 * Return a heading with the day if the message is the first message of that day, as a list of at most one element.
 * @param {Message} message
 */
function day(message) {
  const name = timeOf(message).toLocaleDateString("en-GB", { day: "numeric", month: "long" });
  if (all(".day").at(-1)?.textContent === name) return [];
  return [make("div", { className: "day" }, name)];
}

/**
 * Return the element for a message: its bubble and its buttons.
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
 * Return the bubble of a message: its media, its text, its time and its reaction.
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
 * Return the line with the time of the message. As in Telegram, a bot's messages are not marked as edited.
 * @param {Message} message
 */
function meta(message) {
  const time = timeOf(message).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const edited = message.edited && !message.bot ? "edited " : "";
  return make("span", { className: "meta" }, edited, time, message.bot ? "" : icon("ticks"));
}

/** @param {Message} message */
function timeOf({ date }) {
  return new Date(date * 1000);
}
