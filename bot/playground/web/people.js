/** The list of people, and the dialog in which another one comes. */

/** @import {Chat} from "./world.js" */

import { perform } from "./actions.js";
import { make, one } from "./dom.js";
import { world } from "./world.js";

const NAMES = ["Alex", "Robin", "Charlie", "Jo", "Kim", "Max"];

const dialog = one("#newcomer", HTMLDialogElement);
const nameField = one("#newcomer input", HTMLInputElement);

/** @typedef {{row: HTMLElement, last: HTMLElement, count: HTMLElement}} Row */
/** @type {Map<number, Row>} made once, then only changed: a finger or the focus may be on it */
const rows = new Map();

/**
 * Everybody, with their newest message and how many they have not seen.
 * @param {(who: number) => void} open what a tap on somebody does
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
 * Ask for a name; then another person comes.
 * @param {(who: number, name: string) => void} onCome
 */
export function welcome(onCome) {
  const taken = [...world.chats.values()].map(({ name }) => name);
  nameField.value = NAMES.find((name) => !taken.includes(name)) ?? "";
  dialog.onclose = () => come(onCome);
  dialog.showModal();
  nameField.select();
}

/** @param {(who: number, name: string) => void} onCome */
async function come(onCome) {
  const name = nameField.value.trim();
  const agreed = dialog.returnValue === "come" && name;
  dialog.returnValue = "";
  const done = agreed && (await perform({ action: "add person", name }));
  if (done) onCome(done.who, name);
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
