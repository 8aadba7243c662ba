// SPDX-License-Identifier: MIT
// @ts-check
// Making elements. Text only ever goes in as text, never as markup: names of files come from anywhere.

/** Members that are properties rather than attributes. */
const properties = [
  "value", "defaultValue", "checked", "defaultChecked", "disabled", "hidden", "open", "multiple", "selected", "tabIndex",
  "htmlFor",
];

/**
 * An element with attributes, listeners (`onclick` and the like) and children.
 * @param {string} tag
 * @param {Record<string, any>} [members]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any}
 */
export function h(tag, members = {}, ...children) {
  /** @type {any} */
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (properties.includes(name)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * A drawing surface of the size of a canvas on the screen, in CSS pixels; null while it has none.
 * @param {HTMLCanvasElement} canvas
 */
export function surface(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext("2d");
  if (!context || width === 0 || height === 0) return null;
  const ratio = Math.min(3, devicePixelRatio || 1);
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  context.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/**
 * A colour of the style sheet, as it is where the element stands.
 * @param {Element} element
 * @param {string} name of a custom property
 */
export const colour = (element, name) => getComputedStyle(element).getPropertyValue(name).trim() || "gray";

/**
 * Gives a file to the person.
 * @param {Blob | string} content a blob, or an address of our own
 * @param {string} name
 */
export function download(content, name) {
  const url = typeof content === "string" ? content : URL.createObjectURL(content);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  if (typeof content !== "string") setTimeout(() => URL.revokeObjectURL(url), 10000);
}
