/** The page's main module: passes each change to the module that shows it. */

/**
 * @import {Everything, Handlers, Message, Profile, Switches} from "./changes.js"
 * @import {Chat} from "./world.js"
 */

import "./theme.js";
import { showCall, showCalls } from "./calls.js";
import { listen } from "./changes.js";
import { showSpeed } from "./clock.js";
import { closeMenu, draft, focusField, setDraft, showCompose } from "./compose.js";
import { one } from "./dom.js";
import { closeDrawer, showSwitches } from "./drawer.js";
import { settle } from "./keyboard.js";
import { stopPlaying } from "./media.js";
import { refill, removeMessage, showAbout, showAll, showMessage } from "./messages.js";
import * as people from "./people.js";
import { follow, isFollowing, showDown, toNewest } from "./scrolling.js";
import { ring } from "./sound.js";
import { showAction, showStatus } from "./status.js";
import { showAlert, toast } from "./toasts.js";
import { chatOf, know, shown, world } from "./world.js";

/** @type {Handlers} */
const handlers = {
  everything,
  message({ message }) {
    const chat = chatOf(message.who);
    const isNew = !chat.messages.has(message.id);
    chat.messages.set(message.id, message);
    if (message.who === world.who) showMessage(message, isNew);
    if (isNew && message.bot) announce(chat, message);
    showPeople();
  },
  gone({ who, id }) {
    chatOf(who).messages.delete(id);
    if (who === world.who) removeMessage(id);
    showPeople();
  },
  answer({ who, query, text, alert }) {
    settle(query);
    if (who !== world.who || !text) return;
    if (alert) showAlert(text);
    else toast(text);
  },
  acting({ who, action }) {
    if (who === world.who) showAction(action);
  },
  person({ person }) {
    know(person);
    showPeople();
    showChat();
  },
  state: setSwitches,
  profile: setProfile,
  call({ call }) {
    showCall(call);
  },
};

/**
 * Show everything that the server sends each time the page connects.
 * @param {Everything} change
 */
function everything({ began, people, messages, calls, commands, description, ...switches }) {
  if (world.began && world.began !== began) return location.reload(); // the playground was restarted: all ids are new
  for (const person of people) {
    know(person);
    chatOf(person.id).messages.clear();
  }
  for (const message of messages) chatOf(message.who).messages.set(message.id, message);
  if (!world.chats.has(world.who)) world.who = people[0].id;
  showCalls(calls);
  setProfile({ commands, description });
  setSwitches(switches);
  if (world.began) refresh();
  else openChat(world.who);
  world.began = began;
}

/** @param {Switches} switches */
function setSwitches({ speed, coaching, faults, dark }) {
  world.switches = { speed, coaching, faults, dark };
  showSpeed(speed);
  showSwitches();
  showStatus();
}

/** @param {Profile} profile */
function setProfile({ commands, description }) {
  world.profile = { commands, description };
  showAbout();
}

/**
 * Announce a new message from the bot: play a sound, and let screen readers read the message. Count the message as
 * unread if the user cannot see it.
 * @param {Chat} chat
 * @param {Message} message
 */
function announce(chat, message) {
  const isShown = chat.id === world.who;
  const isSeen = isShown && isFollowing() && !document.body.classList.contains("listing");
  if (!isSeen) chat.unread += 1;
  if (isShown) showAction("");
  if (!message.silent) ring();
  one("#announce").textContent = `${isShown ? "" : `${chat.name}: `}${message.text}`;
  showDown();
}

/**
 * Open the chat of a person.
 * @param {number} who
 */
function openChat(who) {
  stopPlaying();
  const before = world.chats.get(world.who);
  if (before) before.draft = draft();
  world.who = who;
  history.replaceState(null, "", `#${who}`);
  document.body.classList.remove("listing");
  shown().unread = 0;
  setDraft(shown().draft);
  showAll();
  showAround();
}

/** Show what has changed while the page was not connected. */
function refresh() {
  refill();
  showAround();
}

/** Update everything on the page except the messages. */
function showAround() {
  showPeople();
  showChat();
  showStatus();
  toNewest();
}

function showChat() {
  showCompose();
  showSwitches();
  showAbout();
}

function showPeople() {
  people.showPeople(openChat);
}

/**
 * Open the chat of a new person.
 * @param {number} who
 * @param {string} name
 */
function openNewChat(who, name) {
  if (!world.chats.has(who)) know({ id: who, name, blocked: false });
  openChat(who);
  focusField();
}

one("#another").onclick = () => people.askForName(openNewChat);
one("#down").onclick = () => {
  follow();
  toNewest();
  showPeople();
};
document.onkeydown = ({ key }) => {
  if (key !== "Escape" || document.querySelector("dialog[open]")) return;
  if (!closeMenu()) closeDrawer();
};
window.onhashchange = () => {
  const who = Number(location.hash.slice(1));
  if (world.chats.has(who)) openChat(who);
};
listen(handlers, (connected) => showStatus(connected ? "" : "connecting…"));
