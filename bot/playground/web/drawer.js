/** The drawer "Behind the scenes": stops and starts the bot, and switches faults on and off. */

/** @import {Fault} from "./changes.js" */

import { perform } from "./actions.js";
import { all, one } from "./dom.js";
import { world } from "./world.js";

const drawer = one("#drawer");
const faultSwitches = all("[data-fault]", HTMLInputElement);
const share = one("#share", HTMLSelectElement);
const blocked = one("#blocked", HTMLInputElement);
const outageSeconds = one("#a-dark", HTMLInputElement);
let countdown = 0; // the timer that counts an outage down

/** Show the state of all switches that the server has sent. */
export function showSwitches() {
  const { coaching, faults, dark } = world.switches;
  const chat = world.chats.get(world.who);
  showBot(coaching);
  for (const input of faultSwitches)
    showFault(
      input,
      faults.find(({ kind }) => kind === input.dataset.fault),
    );
  blocked.checked = Boolean(chat?.blocked);
  one("#blocked-label").textContent = `${chat?.name ?? "Somebody"} has blocked the bot`;
  showOutage(dark);
}

/** Close the drawer if it is open. */
export function closeDrawer() {
  if (!drawer.hidden) showDrawer(false);
}

/**
 * Open or close the drawer.
 * @param {boolean} open
 */
function showDrawer(open) {
  drawer.hidden = !open;
  one("#tools").ariaExpanded = String(open);
  one(open ? "#tools-close" : "#tools").focus();
}

/**
 * Show whether the bot is running.
 * @param {boolean} coaching
 */
function showBot(coaching) {
  one("#alive").textContent = coaching ? "Alive" : "Dead";
  one("#alive").classList.toggle("off", !coaching);
  one("#kill").textContent = coaching ? "Kill" : "Start";
  one("#restart").hidden = !coaching;
}

/**
 * Show a fault's settings at its switch `input`. The switch is off if there is no fault.
 * @param {HTMLInputElement} input
 * @param {Fault | undefined} fault
 */
function showFault(input, fault) {
  input.checked = fault !== undefined;
  if (!fault) return;
  share.value = String(fault.share);
  const amount = amountOf(fault.kind);
  if (amount && fault.amount) amount.value = String(fault.amount);
}

/**
 * Show the time until an outage ends, and count it down.
 * @param {number} seconds the time on the coach's clock; 0 if there is no outage
 */
function showOutage(seconds) {
  clearTimeout(countdown);
  one("#wrong").textContent = seconds > 0 ? `Dark for ${Math.ceil(seconds)} s more` : "";
  if (seconds > 0) countdown = setTimeout(showOutage, 250, seconds - world.switches.speed / 4);
}

/**
 * Return the input field for the amount of a fault, or null if this kind of fault has no amount.
 * @param {string | undefined} kind
 * @returns {HTMLInputElement | null}
 */
function amountOf(kind) {
  return document.querySelector(`#a-${kind}`);
}

/**
 * Send the state of a fault's switch `input` to the server.
 * @param {HTMLInputElement} input
 */
function setFault(input) {
  const kind = input.dataset.fault;
  const amount = amountOf(kind);
  if (!input.checked) change({ action: "clear faults", kind });
  else if (amount && !amount.reportValidity()) showSwitches();
  else change({ action: "set fault", kind, amount: Number(amount?.value ?? 1), share: Number(share.value) });
}

/**
 * Perform the action of a switch that the user has moved. If the action fails, move the switch back.
 * @param {{action: string, [field: string]: unknown}} body
 */
async function change(body) {
  if (!(await perform(body))) showSwitches();
}

one("#tools").onclick = () => showDrawer(Boolean(drawer.hidden));
one("#tools-close").onclick = () => showDrawer(false);
one("#kill").onclick = () =>
  perform(world.switches.coaching ? { action: "kill bot", restart: false } : { action: "start bot" });
one("#restart").onclick = () => perform({ action: "kill bot", restart: true });
blocked.onchange = () => change({ action: "block", who: world.who, on: blocked.checked });
for (const input of faultSwitches) {
  const amount = amountOf(input.dataset.fault);
  input.onchange = () => setFault(input);
  if (amount) amount.onchange = () => input.checked && setFault(input);
}
share.onchange = () => faultSwitches.filter(({ checked }) => checked).forEach(setFault);
one("#dark").onclick = () => {
  const seconds = Number(outageSeconds.value);
  if (outageSeconds.reportValidity()) perform({ action: "start outage", seconds });
};
one("#mend").onclick = () => perform({ action: "clear faults", kind: null });
