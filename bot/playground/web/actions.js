/** Sends the user's actions to the server. Their results arrive as changes (see changes.js). */

import { toast } from "./toasts.js";

/**
 * Perform an action on the server, and return the server's answer. If the action fails, show a toast and return null.
 * @param {{action: string, [field: string]: unknown}} body
 * @returns {Promise<Record<string, any> | null>}
 */
export async function perform(body) {
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("/actions", { method: "POST", headers, body: JSON.stringify(body) });
    const answer = await response.json();
    if (response.ok) return answer;
    toast(answer.error);
  } catch {
    toast("The playground does not answer.");
  }
  return null;
}
