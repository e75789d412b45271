/** The footer of the chat: the text field, the menu of commands, and the buttons START and UNBLOCK. */

import { perform } from "./actions.js";
import { make, one } from "./dom.js";
import { shown, world } from "./world.js";

const ONE_LINE_HEIGHT = "40px";

const field = one("#compose textarea", HTMLTextAreaElement);
const form = one("#compose form");
const menu = one("#commands");

/**
 * Send a text from the person whose chat is shown. Returns false if the text could not be sent.
 * @param {string} text
 */
export async function write(text) {
  showCommands(false);
  return (await perform({ action: "write", who: world.who, text })) !== null;
}

/** Show the text field, or the button UNBLOCK if the person has blocked the bot. */
export function showCompose() {
  const { blocked } = shown();
  one("#unblock").hidden = !blocked;
  form.hidden = blocked;
}

export function focusField() {
  field.focus();
}

/** Return the draft, which is the text in the field that has not been sent yet. */
export function draft() {
  return field.value;
}

/**
 * Replace the text in the field.
 * @param {string} text
 */
export function setDraft(text) {
  field.value = text;
  grow();
}

/** Close the menu of commands. Returns false if the menu was not open. */
export function closeMenu() {
  if (menu.hidden) return false;
  showCommands(false);
  field.focus();
  return true;
}

async function send() {
  const text = field.value.trim();
  if (!text || !world.chats.size) return; // without chats, the page is still connecting
  setDraft("");
  if (!(await write(text))) field.value ||= text;
}

/** Make the text field as high as its text. */
function grow() {
  field.style.height = ONE_LINE_HEIGHT;
  field.style.height = `${field.scrollHeight}px`;
}

/**
 * Open or close the menu of commands.
 * @param {boolean} open
 * @param {string} prefix the menu shows only commands that begin with this prefix
 */
function showCommands(open, prefix = "/") {
  const { commands } = world.profile;
  const found = commands.filter(({ command }) => `/${command}`.startsWith(prefix.toLowerCase()));
  menu.replaceChildren(...found.map(({ command, description }) => item(`/${command}`, description)));
  menu.hidden = !open || found.length === 0;
  one("#menu-open").ariaExpanded = String(!menu.hidden);
}

/**
 * Return the button for a command in the menu.
 * @param {string} command
 * @param {string} description
 */
function item(command, description) {
  const onclick = () => choose(command);
  return make("button", { type: "button", onclick }, make("b", {}, command), make("span", {}, description));
}

/**
 * Send a command from the menu.
 * @param {string} command
 */
function choose(command) {
  if (field.value.startsWith("/")) setDraft(""); // the draft was typed to find the command; other drafts are kept
  field.focus();
  write(command);
}

/** @param {Element | null | undefined} node */
function focus(node) {
  if (node instanceof HTMLElement) node.focus();
}

form.onsubmit = (event) => {
  event.preventDefault();
  send();
};
field.oninput = () => {
  grow();
  showCommands(/^\/\S*$/.test(field.value), field.value);
};
field.onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  } else if (event.key === "ArrowUp" && !menu.hidden) {
    event.preventDefault();
    focus(menu.lastElementChild);
  }
};
menu.onkeydown = (event) => {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  event.preventDefault();
  const to = event.key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling";
  focus(document.activeElement?.[to] ?? field);
};
one("#menu-open").onclick = () => {
  showCommands(Boolean(menu.hidden));
  focus(menu.firstElementChild);
};
document.addEventListener("pointerdown", ({ target }) => {
  if (target instanceof Node && !one("#compose").contains(target)) showCommands(false);
});
one("#start").onclick = () => write("/start");
one("#unblock").onclick = () => perform({ action: "block", who: world.who, on: false });
