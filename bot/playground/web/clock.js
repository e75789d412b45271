/** The clock's controls: how fast time runs, and the arrow to the next cue. */

import { perform } from "./actions.js";
import { all, one } from "./dom.js";

const radios = all("[name=speed]", HTMLInputElement);
let speed = 1;

/** @param {number} now how many seconds pass in one */
export function showSpeed(now) {
  speed = now;
  one("#speed-chip span:last-child").textContent = `×${speed}`;
  for (const radio of radios) radio.checked = Number(radio.value) === speed;
}

/** @param {number} wanted */
async function setSpeed(wanted) {
  if (!(await perform({ action: "set speed", speed: wanted }))) showSpeed(speed);
}

for (const radio of radios) {
  radio.onchange = () => setSpeed(Number(radio.value));
  // A tap closes the list; the arrow keys do not, since they pass over what lies between.
  one(`[name=speed][value="${radio.value}"] + span`).onclick = () => one("#speeds").hidePopover();
}
one("#next-cue").onclick = () => perform({ action: "skip to next cue" });
