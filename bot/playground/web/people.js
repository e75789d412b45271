/** The list of people, and the dialog that adds another person. */

/** @import {Chat} from "./world.js" */

import { perform } from "./actions.js";
import { make, one } from "./dom.js";
import { world } from "./world.js";

const NAMES = ["Alex", "Robin", "Charlie", "Jo", "Kim", "Max"];

const dialog = one("#newcomer", HTMLDialogElement);
const nameField = one("#newcomer input", HTMLInputElement);

/** @typedef {{row: HTMLElement, last: HTMLElement, count: HTMLElement}} Row */
/** @type {Map<number, Row>} the rows by user id; a row that has the focus must keep it, so rows are only updated */
const rows = new Map();

/**
 * Show all people, each with the newest message and the number of unread messages.
 * @param {(who: number) => void} open called with the user id when a person is tapped
 */
export function showPeople(open) {
  let unread = 0;
  for (const chat of world.chats.values()) {
    show(chat, rows.get(chat.id) ?? newRow(chat, open));
    unread += chat.unread;
  }
  document.title = `${unread ? `(${unread}) ` : ""}Massage coach`;
}

/**
 * Ask the user for a name, and add a person with this name.
 * @param {(who: number, name: string) => void} onAdded
 */
export function askForName(onAdded) {
  const taken = [...world.chats.values()].map(({ name }) => name);
  nameField.value = NAMES.find((name) => !taken.includes(name)) ?? "";
  dialog.onclose = () => addPerson(onAdded);
  dialog.showModal();
  nameField.select();
}

/** @param {(who: number, name: string) => void} onAdded */
async function addPerson(onAdded) {
  const name = nameField.value.trim();
  const confirmed = dialog.returnValue === "add" && name;
  dialog.returnValue = "";
  const answer = confirmed && (await perform({ action: "add person", name }));
  if (answer) onAdded(answer.who, name);
}

/**
 * @param {Chat} chat
 * @param {Row} parts
 */
function show({ id, messages, unread }, { row, last, count }) {
  const newest = [...messages.values()].pop();
  last.textContent = newest ? newest.text.split("\n")[0] || "…" : "no messages yet";
  count.textContent = String(unread);
  count.hidden = !unread;
  row.ariaCurrent = String(id === world.who);
}

/**
 * @param {Chat} chat
 * @param {(who: number) => void} open
 * @returns {Row}
 */
function newRow({ id, name }, open) {
  const avatar = make("span", { className: "avatar", ariaHidden: "true" }, [...name][0]);
  avatar.style.filter = `hue-rotate(${(id * 67) % 360}deg)`;
  const last = make("small");
  const count = make("span", { className: "count" });
  const words = make("span", {}, make("b", {}, name), last);
  const row = make("button", { type: "button", className: "person" }, avatar, words, count);
  row.onclick = () => open(id);
  one("#people ul").append(make("li", {}, row));
  rows.set(id, { row, last, count });
  return { row, last, count };
}

one("#people-open").onclick = () => document.body.classList.add("listing");
one("#newcomer [type=button]").onclick = () => dialog.close("");
