/** The buttons under a message (Telegram's inline keyboard). A tapped button shows that it is waiting for an answer. */

/** @import {Button, Message} from "./changes.js" */

import { perform } from "./actions.js";
import { all, make } from "./dom.js";
import { link } from "./formatting.js";

const ANSWER_TIMEOUT = 15_000; // in milliseconds; after this time, a button stops waiting

/** @type {Map<string, HTMLElement>} the buttons that are waiting for an answer, by the id of the callback query */
const waiting = new Map();
/** @type {Set<string>} the ids of answered callback queries; an answer can arrive before the page gets its id */
const answered = new Set();

/**
 * Return the inline keyboard of a message.
 * @param {Message} message
 */
export function keyboard(message) {
  const rows = message.keyboard.map((row) => make("div", {}, ...row.map((button) => key(message, button))));
  return make("div", { className: "keyboard" }, ...rows);
}

/**
 * Return the buttons of a message on the page, row after row.
 * @param {HTMLElement} node
 */
export function keys(node) {
  return all(".keyboard > div > *", HTMLElement, node);
}

/**
 * Show that a button is no longer waiting for the answer to its callback query.
 * @param {string} query
 */
export function settle(query) {
  answered.add(query);
  waiting.get(query)?.classList.remove("busy");
  waiting.delete(query);
}

/**
 * Return the element for a button of a message.
 * @param {Message} message
 * @param {Button} button
 */
function key(message, { text, kind, value, style }) {
  if (kind === "url") return link(value, text, style);
  const node = make("button", { type: "button", className: style }, text);
  node.onclick = () => tap(message, value, node);
  return node;
}

/**
 * Send a tap on a button to the server, and wait for the bot's answer.
 * @param {Message} message
 * @param {string} data
 * @param {HTMLElement} node
 */
async function tap(message, data, node) {
  node.classList.add("busy");
  const done = await perform({ action: "tap", who: message.who, message: message.id, data });
  if (!done) node.classList.remove("busy");
  else awaitAnswer(done.query, node);
}

/**
 * Show that a button is waiting, until its callback query has been answered.
 * @param {string} query
 * @param {HTMLElement} node
 */
function awaitAnswer(query, node) {
  waiting.set(query, node);
  if (answered.has(query)) settle(query);
  else setTimeout(settle, ANSWER_TIMEOUT, query);
}
