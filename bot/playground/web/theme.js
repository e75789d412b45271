/** The light or dark theme: as the switch was last set in this tab, or else as the system says. */

import { one } from "./dom.js";

const darkSwitch = one("#dim", HTMLInputElement);
const system = matchMedia("(prefers-color-scheme: dark)");

/** @param {boolean} dark */
function show(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  darkSwitch.checked = dark;
}

darkSwitch.onchange = () => {
  sessionStorage.dark = darkSwitch.checked;
  show(darkSwitch.checked);
};
system.onchange = () => show(system.matches);
show(sessionStorage.dark ? sessionStorage.dark === "true" : system.matches);
