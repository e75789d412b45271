/**
 * What the server tells the page: first everything there is, then each change, as server-sent events.
 * Times are Unix seconds, durations seconds.
 *
 * @typedef {{type: string, offset: number, length: number, url?: string}} Entity in UTF-16 code units
 * @typedef {{text: string, kind: "callback_data" | "url", value: string, style: string}} Button
 *
 * @typedef {object} Media
 * @property {string} kind photo, sticker, animation, video, voice, audio or document
 * @property {string} file_id
 * @property {string} name
 * @property {number} width in pixels; 0 where unknown, like the height
 * @property {number} height
 * @property {number} duration
 * @property {string} title
 * @property {string} performer
 *
 * @typedef {object} Message
 * @property {number} id
 * @property {number} who whose chat it is in
 * @property {boolean} bot whether the bot wrote it
 * @property {number} date
 * @property {boolean} edited
 * @property {boolean} silent
 * @property {string} text the caption where there are media
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
 * @typedef {object} Changes each kind of change, and what it holds
 * @property {Everything} everything
 * @property {{message: Message}} message new or edited
 * @property {{who: number, id: number}} gone
 * @property {{who: number, query: string, text: string, alert: boolean}} answer to a tap on a button
 * @property {{who: number, action: string}} acting
 * @property {{person: Person}} person
 * @property {Switches} state
 * @property {Profile} profile
 * @property {{call: Call}} call
 *
 * @typedef {{[K in keyof Changes]?: (change: Changes[K]) => void}} Handlers
 */

/**
 * Hand each change to its handler; a change without one is passed over. The browser connects again by itself.
 * @param {Handlers} handlers
 * @param {(connected: boolean) => void} onConnection
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
