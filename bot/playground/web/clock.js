/** The controls of the clock: its speed, and the button that skips to the next cue (the coach's next message). */

import { perform } from "./actions.js";
import { all, one } from "./dom.js";

const radios = all("[name=speed]", HTMLInputElement);
let speed = 1;

/** @param {number} current the number of seconds that pass on the clock in a second of real time */
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
  // A tap on a speed closes the list. The arrow keys do not close it, because the user may press them several times.
  one(`[name=speed][value="${radio.value}"] + span`).onclick = () => one("#speeds").hidePopover();
}
one("#next-cue").onclick = () => perform({ action: "skip to next cue" });
