/** Sends what the user does to the server. The results arrive as changes (changes.js). */

import { toast } from "./toasts.js";

/**
 * Perform an action on the server. Returns the server's answer; null if the action failed, after a toast has said why.
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
