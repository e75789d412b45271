/** The light or dark theme. It follows the switch if the user has set the switch in this tab, otherwise the system. */

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
