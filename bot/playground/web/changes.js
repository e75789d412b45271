/**
 * Receives server-sent events: first an event with everything that the page shows, then an event for each change.
 * Times are in seconds since 1970, durations in seconds. bot/playground/page.py creates this data.
 *
 * @typedef {{type: string, offset: number, length: number, url?: string}} Entity positions in UTF-16 code units
 * @typedef {{text: string, kind: "callback_data" | "url", value: string, style: string}} Button
 *
 * @typedef {object} Media
 * @property {string} kind photo, sticker, animation, video, voice, audio or document
 * @property {string} file_id
 * @property {string} name
 * @property {number} width in pixels, 0 if not known
 * @property {number} height in pixels, 0 if not known
 * @property {number} duration
 * @property {string} title
 * @property {string} performer
 *
 * @typedef {object} Message
 * @property {number} id
 * @property {number} who the user id of the person in whose chat the message is
 * @property {boolean} bot whether the bot sent the message
 * @property {number} date
 * @property {boolean} edited
 * @property {boolean} silent
 * @property {string} text the message's text, or the caption of its media
 * @property {Entity[]} entities
 * @property {Media | null} media
 * @property {Button[][]} keyboard rows of buttons
 * @property {string} reaction
 *
 * @typedef {{id: number, name: string, blocked: boolean}} Person
 * @typedef {{kind: string, amount: number, share: number}} Fault
 * @typedef {{at: number, method: string, params: object, code: number, description: string}} Call
 * @typedef {{commands: {command: string, description: string}[], description: string}} Profile
 * @typedef {{speed: number, coaching: boolean, faults: Fault[], dark: number}} Switches
 * @typedef {{began: number, people: Person[], messages: Message[], calls: Call[]} & Profile & Switches} Everything
 *
 * @typedef {object} Changes each kind of change, with its data
 * @property {Everything} everything
 * @property {{message: Message}} message a new or edited message
 * @property {{who: number, id: number}} gone a deleted message
 * @property {{who: number, query: string, text: string, alert: boolean}} answer the answer to a tap on a button
 * @property {{who: number, action: string}} acting a chat action, such as "typing"
 * @property {{person: Person}} person a new person, or a person who has blocked or unblocked the bot
 * @property {Switches} state
 * @property {Profile} profile
 * @property {{call: Call}} call a call of the Bot API
 *
 * @typedef {{[K in keyof Changes]?: (change: Changes[K]) => void}} Handlers
 */

/**
 * Connect to the server, and call the right handler for each change. Changes without a handler are ignored. If the
 * connection is lost, the browser connects again.
 * @param {Handlers} handlers
 * @param {(connected: boolean) => void} onConnection called when the connection is made or lost
 */
export function listen(handlers, onConnection) {
  const source = new EventSource("/changes");
  source.onmessage = ({ data }) => {
    /** @type {{what: keyof Changes} & any} */
    const change = JSON.parse(data);
    /** @type {((change: any) => void) | undefined} */
    const handle = handlers[/** @type {keyof Changes} */ (change.what)];
    handle?.(change);
  };
  source.onopen = () => onConnection(true);
  source.onerror = () => onConnection(false);
}
