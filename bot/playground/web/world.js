/** What the page knows: everybody's chats, whose is shown, and what the server last said about itself. */

/**
 * @import {Message, Person, Profile, Switches} from "./changes.js"
 * @typedef {Person & {unread: number, draft: string, messages: Map<number, Message>}} Chat
 */

export const world = {
  /** Which playground this is, by when it began; 0 before it has said so. */
  began: 0,
  /** The number of the person whose chat is shown. */
  who: Number(location.hash.slice(1)),
  /** @type {Map<number, Chat>} by the person's number */
  chats: new Map(),
  /** @type {Profile} */
  profile: { commands: [], description: "" },
  /** @type {Switches} */
  switches: { speed: 1, coaching: true, faults: [], dark: 0 },
};

/**
 * The chat of a person. Throws if the server has told of no such person.
 * @param {number} who
 */
export function chatOf(who) {
  const chat = world.chats.get(who);
  if (!chat) throw new Error(`There is nobody with the number ${who}.`);
  return chat;
}

/** The chat that is shown. */
export function shown() {
  return chatOf(world.who);
}

/**
 * A person as the server now tells of them; what the page knew besides stays.
 * @param {Person} person
 */
export function know(person) {
  const known = world.chats.get(person.id) ?? { unread: 0, draft: "", messages: new Map() };
  world.chats.set(person.id, { ...known, ...person });
}
