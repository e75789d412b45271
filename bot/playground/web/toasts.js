/** Short words over the page: a toast goes by itself, an alert waits for OK. */

import { make, one } from "./dom.js";

const SHOWN_FOR = 3500; // milliseconds

/** @param {string} text */
export function toast(text) {
  const node = make("div", { className: "toast" }, text);
  one("#toasts").append(node);
  setTimeout(() => node.remove(), SHOWN_FOR);
}

/** @param {string} text goes below the text of an alert that is still open */
export function showAlert(text) {
  const dialog = one("#alert", HTMLDialogElement);
  const words = one("#alert p");
  words.textContent = dialog.open ? `${words.textContent}\n\n${text}` : text;
  if (!dialog.open) dialog.showModal();
}

one("#alert button").onclick = () => one("#alert", HTMLDialogElement).close();
