/** The state of the page: all chats, which of them is open, and the latest profile and switches from the server. */

/**
 * @import {Message, Person, Profile, Switches} from "./changes.js"
 * @typedef {Person & {unread: number, draft: string, messages: Map<number, Message>}} Chat
 */

export const world = {
  /** The time at which the playground was started, which identifies it; 0 until the server has sent this time. */
  began: 0,
  /** The user id of the person whose chat is open. */
  who: Number(location.hash.slice(1)),
  /** @type {Map<number, Chat>} by user id */
  chats: new Map(),
  /** @type {Profile} */
  profile: { commands: [], description: "" },
  /** @type {Switches} */
  switches: { speed: 1, coaching: true, faults: [], dark: 0 },
};

/**
 * Return the chat of a person. Throws an error if there is no such person.
 * @param {number} who
 */
export function chatOf(who) {
  const chat = world.chats.get(who);
  if (!chat) throw new Error(`There is nobody with the number ${who}.`);
  return chat;
}

/** Return the open chat. */
export function shown() {
  return chatOf(world.who);
}

/**
 * Store what the server has sent about a person. Unread messages, the draft and the messages of the chat are kept.
 * @param {Person} person
 */
export function know(person) {
  const known = world.chats.get(person.id) ?? { unread: 0, draft: "", messages: new Map() };
  world.chats.set(person.id, { ...known, ...person });
}
