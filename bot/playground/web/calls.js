/** Shows the calls of the Bot API, newest first. */

/** @import {Call} from "./changes.js" */

import { all, make, one } from "./dom.js";

const MAX_SHOWN = 200; // how many calls of getUpdates are shown, and how many other calls

const list = one("#calls");
const polls = one("#polls", HTMLInputElement);

/**
 * Show these calls, and remove all others from the page.
 * @param {Call[]} calls oldest first
 */
export function showCalls(calls) {
  list.replaceChildren();
  calls.forEach(showCall);
}

/**
 * Add a call at the top.
 * @param {Call} call
 */
export function showCall(call) {
  const poll = call.method.toLowerCase() === "getupdates";
  const node = make(
    "details",
    { className: call.code === 200 ? "" : "bad", hidden: poll && !polls.checked },
    summary(call),
  );
  node.dataset.poll = String(poll);
  node.ontoggle = () => {
    // The parameters are rendered when the user opens them for the first time.
    if (node.open && !node.querySelector("pre")) node.append(details(call));
  };
  list.prepend(node);
  const sameKind = all(`[data-poll="${poll}"]`, HTMLElement, list);
  if (sameKind.length > MAX_SHOWN) sameKind[sameKind.length - 1].remove();
}

/**
 * Return the heading of a call: its time, its method, and its code or "cut".
 * @param {Call} call
 */
function summary({ at, method, code }) {
  const time = make("time", {}, new Date(at * 1000).toLocaleTimeString("en-GB"));
  const outcome = make("span", { className: "code" }, code ? String(code) : "cut");
  return make("summary", {}, time, make("span", {}, method), outcome);
}

/**
 * Return the description and the parameters of a call.
 * @param {Call} call
 */
function details({ params, description }) {
  return make("pre", {}, description ? `${description}\n` : "", JSON.stringify(params, parseNested, 1));
}

/**
 * Parse a value that is a JSON text of an object or a list. Return other values unchanged.
 * @param {string} _name
 * @param {unknown} value
 */
function parseNested(_name, value) {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

polls.onchange = () => {
  for (const node of all('[data-poll="true"]', HTMLElement, list)) node.hidden = !polls.checked;
};
