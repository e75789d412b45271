/** Short texts over the page. A toast disappears by itself; an alert stays until the user taps OK. */

import { make, one } from "./dom.js";

const TOAST_DURATION = 3500; // milliseconds

/** @param {string} text */
export function toast(text) {
  const node = make("div", { className: "toast" }, text);
  one("#toasts").append(node);
  setTimeout(() => node.remove(), TOAST_DURATION);
}

/**
 * Show an alert. If an alert is already open, add the text to that alert.
 * @param {string} text
 */
export function showAlert(text) {
  const dialog = one("#alert", HTMLDialogElement);
  const words = one("#alert p");
  words.textContent = dialog.open ? `${words.textContent}\n\n${text}` : text;
  if (!dialog.open) dialog.showModal();
}

one("#alert button").onclick = () => one("#alert", HTMLDialogElement).close();
