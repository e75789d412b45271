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

/** Show all switches as they are on the server. */
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

/** Close the drawer, if it is open. */
export function closeDrawer() {
  if (!drawer.hidden) showDrawer(false);
}

/** @param {boolean} open */
function showDrawer(open) {
  drawer.hidden = !open;
  one("#tools").ariaExpanded = String(open);
  one(open ? "#tools-close" : "#tools").focus();
}

/** @param {boolean} coaching */
function showBot(coaching) {
  one("#alive").textContent = coaching ? "Alive" : "Dead";
  one("#alive").classList.toggle("off", !coaching);
  one("#kill").textContent = coaching ? "Kill" : "Start";
  one("#restart").hidden = !coaching;
}

/**
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
 * Show how long an outage still lasts, and count down.
 * @param {number} seconds on the coach's clock; 0 if there is no outage
 */
function showOutage(seconds) {
  clearTimeout(countdown);
  one("#wrong").textContent = seconds > 0 ? `Dark for ${Math.ceil(seconds)} s more` : "";
  if (seconds > 0) countdown = setTimeout(showOutage, 250, seconds - world.switches.speed / 4);
}

/**
 * Return the field for a fault's amount, if it has one.
 * @param {string | undefined} kind
 * @returns {HTMLInputElement | null}
 */
function amountOf(kind) {
  return document.querySelector(`#a-${kind}`);
}

/** @param {HTMLInputElement} input */
function setFault(input) {
  const kind = input.dataset.fault;
  const amount = amountOf(kind);
  if (!input.checked) change({ action: "clear faults", kind });
  else if (amount && !amount.reportValidity()) showSwitches();
  else change({ action: "set fault", kind, amount: Number(amount?.value ?? 1), share: Number(share.value) });
}

/**
 * Perform the action of a switch, which has moved already. If the action fails, the switch moves back.
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
