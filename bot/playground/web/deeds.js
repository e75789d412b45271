/** What is done on the page goes to the server as a deed. What comes of it comes back as changes. */

import { toast } from "./toasts.js";

/**
 * The server's answer, or null if the deed failed; then a toast has said why.
 * @param {{deed: string, [field: string]: unknown}} body
 * @returns {Promise<Record<string, any> | null>}
 */
export async function deed(body) {
  try {
    const headers = { "Content-Type": "application/json" };
    const reply = await fetch("/deeds", { method: "POST", headers, body: JSON.stringify(body) });
    const said = await reply.json();
    if (reply.ok) return said;
    toast(said.error);
  } catch {
    toast("The playground does not answer.");
  }
  return null;
}
