/** A message's text and entities as elements. The server has parsed Telegram's HTML into entities already. */

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
 * Entities count in UTF-16 code units, as JavaScript's strings do; they nest, and never cross.
 * @param {{text: string, entities: Entity[]}} message
 * @param {(command: string) => void} onCommand what a tap on a /command does
 * @param {number} from
 * @param {number} to
 */
export function formatted({ text, entities }, onCommand, from = 0, to = text.length) {
  const fragment = document.createDocumentFragment();
  let at = from;
  for (const entity of inOrder(entities, from, to)) {
    if (entity.offset < at) continue; // it is inside the one before
    const end = entity.offset + entity.length;
    const inside = entities.filter((other) => other !== entity);
    const content = formatted({ text, entities: inside }, onCommand, entity.offset, end);
    fragment.append(text.slice(at, entity.offset), marked(entity, content, onCommand));
    at = BLOCKS.includes(entity.type) && text[end] === "\n" ? end + 1 : end; // a block ends its line
  }
  fragment.append(text.slice(at, to));
  return fragment;
}

/**
 * Those within the stretch, the outer before the inner.
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
 * A link to the web or into Telegram. Whatever the bot has sent, it is never a script.
 * @param {string} url
 * @param {Node | string} content
 * @param {string} className
 */
export function link(url, content, className = "") {
  const whole = /^[a-z][a-z0-9+.-]*:/i.test(url) ? url : `https://${url}`;
  const href = /^(https?|tg):/i.test(whole) ? whole : "#";
  return make("a", { className, href, target: "_blank", rel: "noopener" }, content);
}
