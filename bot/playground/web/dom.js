/** Finds and creates elements. This module must insert text as text nodes only, and never as markup. */

/**
 * Return the element for a selector. Throws an error if the element is missing or is not an instance of `kind`.
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function one(selector, kind) {
  const node = document.querySelector(selector);
  if (!(node instanceof (kind ?? HTMLElement))) throw new Error(`The page has no ${selector}.`);
  return /** @type {T} */ (node);
}

/**
 * Return all elements for a selector. Throws an error if an element is not an instance of `kind`.
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @param {new () => T} [kind]
 * @param {ParentNode} [within]
 * @returns {T[]}
 */
export function all(selector, kind, within = document) {
  return [...within.querySelectorAll(selector)].map((node) => {
    if (!(node instanceof (kind ?? HTMLElement))) throw new Error(`${selector} is something else.`);
    return /** @type {T} */ (node);
  });
}

/**
 * Return a new element. Children that are null or empty are left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<HTMLElementTagNameMap[K]>} properties
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  for (const child of children) if (child) node.append(child);
  return node;
}

/**
 * Return one of the icons that index.html defines.
 * @param {string} name
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}
