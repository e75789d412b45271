/** Light or dark: as the system has it, or as the switch was last set in this tab. */

import { one } from "./dom.js";

const dim = one("#dim", HTMLInputElement);
const system = matchMedia("(prefers-color-scheme: dark)");

/** @param {boolean} dark */
function show(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  dim.checked = dark;
}

dim.onchange = () => {
  sessionStorage.dark = dim.checked;
  show(dim.checked);
};
system.onchange = () => show(system.matches);
show(sessionStorage.dark ? sessionStorage.dark === "true" : system.matches);
