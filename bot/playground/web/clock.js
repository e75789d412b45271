/** The clock's controls: the speed, and the button that skips to the next cue. */

import { perform } from "./actions.js";
import { all, one } from "./dom.js";

const radios = all("[name=speed]", HTMLInputElement);
let speed = 1;

/** @param {number} current how many seconds pass in a real second */
export function showSpeed(current) {
  speed = current;
  one("#speed-chip span:last-child").textContent = `×${speed}`;
  for (const radio of radios) radio.checked = Number(radio.value) === speed;
}

/** @param {number} wanted */
async function setSpeed(wanted) {
  if (!(await perform({ action: "set speed", speed: wanted }))) showSpeed(speed);
}

for (const radio of radios) {
  radio.onchange = () => setSpeed(Number(radio.value));
  // A tap closes the list. The arrow keys do not, since one may press them several times.
  one(`[name=speed][value="${radio.value}"] + span`).onclick = () => one("#speeds").hidePopover();
}
one("#next-cue").onclick = () => perform({ action: "skip to next cue" });
