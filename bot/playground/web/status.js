/** The line under the bot's name: what the bot is doing, or that it is not running. */

import { one } from "./dom.js";
import { world } from "./world.js";

/** @type {Record<string, string>} */
const ACTIONS = {
  typing: "typing…",
  upload_photo: "sending a picture…",
  record_voice: "recording…",
  upload_voice: "sending a voice note…",
  upload_document: "sending a file…",
  upload_video: "sending a film…",
};
const ACTION_DURATION = 5000; // milliseconds, as in Telegram

const line = one("#under");
let timer = 0;

/** @param {string} busy what the bot is doing; empty if it is doing nothing */
export function showStatus(busy = "") {
  line.textContent = busy || (world.switches.coaching ? `bot${whose()}` : "the bot is dead");
  line.classList.toggle("busy", busy !== "");
}

/** @param {string} action Telegram's name for a chat action, such as "typing"; empty for no action */
export function showAction(action) {
  clearTimeout(timer);
  showStatus(action && (ACTIONS[action] ?? "busy…"));
  if (action) timer = setTimeout(showStatus, ACTION_DURATION);
}

/** Return a text that says whose phone is shown; empty if there is only one person. */
function whose() {
  return world.chats.size > 1 ? ` · ${world.chats.get(world.who)?.name}’s phone` : "";
}
