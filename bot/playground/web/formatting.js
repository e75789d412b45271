/** Converts a message's text and entities to elements. The server has already parsed Telegram's HTML into entities. */

/** @import {Entity} from "./changes.js" */

import { make } from "./dom.js";

/** @type {Record<string, "b" | "i" | "u" | "s" | "code" | "pre" | "blockquote">} */
const TAGS = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};
const BLOCKS = ["blockquote", "expandable_blockquote", "pre"];

/**
 * Return the text, or a part of it, with its formatting. Entities count UTF-16 code units, as JavaScript's strings do.
 * An entity can be inside another one, but entities never overlap partly.
 * @param {{text: string, entities: Entity[]}} message
 * @param {(command: string) => void} onCommand called when a /command is tapped
 * @param {number} from the start of the part
 * @param {number} to the end of the part
 */
export function formatted({ text, entities }, onCommand, from = 0, to = text.length) {
  const fragment = document.createDocumentFragment();
  let at = from;
  for (const entity of inOrder(entities, from, to)) {
    if (entity.offset < at) continue; // this entity is inside the previous one
    const end = entity.offset + entity.length;
    const inside = entities.filter((other) => other !== entity);
    const content = formatted({ text, entities: inside }, onCommand, entity.offset, end);
    fragment.append(text.slice(at, entity.offset), marked(entity, content, onCommand));
    at = BLOCKS.includes(entity.type) && text[end] === "\n" ? end + 1 : end; // no line break is needed after a block
  }
  fragment.append(text.slice(at, to));
  return fragment;
}

/**
 * Return the entities within a part of the text, outer ones before inner ones.
 * @param {Entity[]} entities
 * @param {number} from
 * @param {number} to
 */
function inOrder(entities, from, to) {
  return entities
    .filter(({ offset, length }) => offset >= from && offset + length <= to)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
}

/**
 * Return the content with the formatting of the entity.
 * @param {Entity} entity
 * @param {DocumentFragment} content
 * @param {(command: string) => void} onCommand
 */
function marked(entity, content, onCommand) {
  switch (entity.type) {
    case "text_link":
      return link(entity.url ?? "", content);
    case "bot_command": {
      const command = content.textContent ?? "";
      return make(
        "button",
        { type: "button", className: "command", onclick: () => onCommand(command) },
        content,
      );
    }
    case "spoiler":
      return make("span", { className: "spoiler" }, content);
    default:
      return TAGS[entity.type] ? make(TAGS[entity.type], {}, content) : content;
  }
}

/**
 * Return a link to a website or to Telegram. The bot can send any URL, but the link must never run a script.
 * @param {string} url
 * @param {Node | string} content
 * @param {string} className
 */
export function link(url, content, className = "") {
  const whole = /^[a-z][a-z0-9+.-]*:/i.test(url) ? url : `https://${url}`;
  const href = /^(https?|tg):/i.test(whole) ? whole : "#";
  return make("a", { className, href, target: "_blank", rel: "noopener" }, content);
}
