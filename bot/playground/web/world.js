/** The page's state: everybody's chats, whose chat is open, and what the server last sent about itself. */

/**
 * @import {Message, Person, Profile, Switches} from "./changes.js"
 * @typedef {Person & {unread: number, draft: string, messages: Map<number, Message>}} Chat
 */

export const world = {
  /** When the playground was started, which identifies it; 0 until the server has sent it. */
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
 * Return the chat of a person. Throws if there is no such person.
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
 * Store what the server has sent about a person. The rest of the chat stays as it was.
 * @param {Person} person
 */
export function know(person) {
  const known = world.chats.get(person.id) ?? { unread: 0, draft: "", messages: new Map() };
  world.chats.set(person.id, { ...known, ...person });
}
