/** The buttons under a message (Telegram's inline keyboard). A tapped button shows that it waits for an answer. */

/** @import {Button, Message} from "./changes.js" */

import { perform } from "./actions.js";
import { all, make } from "./dom.js";
import { link } from "./formatting.js";

const ANSWER_TIMEOUT = 15_000; // milliseconds after which a button no longer waits

/** @type {Map<string, HTMLElement>} the waiting buttons, by the id of the callback query */
const waiting = new Map();
/** @type {Set<string>} the ids of answered callback queries; an answer can arrive before its query's id is known */
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
 * Return the buttons of a message on the page, in their order.
 * @param {HTMLElement} node
 */
export function keys(node) {
  return all(".keyboard > div > *", HTMLElement, node);
}

/**
 * Stop the waiting of a button whose callback query has been answered.
 * @param {string} query
 */
export function settle(query) {
  answered.add(query);
  waiting.get(query)?.classList.remove("busy");
  waiting.delete(query);
}

/**
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
 * Let a button wait for the answer to its callback query.
 * @param {string} query
 * @param {HTMLElement} node
 */
function awaitAnswer(query, node) {
  waiting.set(query, node);
  if (answered.has(query)) settle(query);
  else setTimeout(settle, ANSWER_TIMEOUT, query);
}
