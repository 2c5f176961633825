/**
 * The one way from text to markup. html`...` escapes everything put into it, unless that is markup made by
 * html`...` itself; render() takes nothing else. Attributes are always written with quotes. Characters that are not seen
 * or turn the direction of writing are marked in text, and spelt out in attributes that are read.
 */
import { visible, withMarks } from "./hidden.js";
import { ICONS } from "./icons.js";
import { placesOf } from "./template-places.js";

/** @import {Place} from "./template-places.js" */

/** @type {Record<string, string>} */
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

class Markup {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** @type {TrustedRules | undefined} */
let policy;

/** Made at first use: importing has no effect. The page's CSP allows this name only once. */
function trusted() {
  policy ??= globalThis.trustedTypes
    ? trustedTypes.createPolicy("llm-service", { createHTML: (text) => text, createScriptURL: ownScript })
    : { createHTML: (text) => text, createScriptURL: ownScript };
  return policy;
}

/** @param {string} path */
function ownScript(path) {
  const url = new URL(path, location.origin);
  if (url.origin !== location.origin || !url.pathname.endsWith(".js")) throw new TypeError("not a script of ours");
  return url.href;
}

/**
 * Text escaped for markup.
 * @param {unknown} value
 */
export function escaped(value) {
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character]);
}

/**
 * Markup with every value escaped. Arrays are joined; null, undefined and false leave nothing.
 * @param {TemplateStringsArray} strings
 * @param {unknown[]} values
 */
export function html(strings, ...values) {
  const places = placesOf(strings);
  return new Markup(strings.reduce((text, string, index) => text + piece(values[index - 1], places[index - 1]) + string));
}

/**
 * The bare attribute name if the flag is set, else nothing: html`<button ${flag(off, "disabled")}>`.
 * @param {unknown} isSet
 * @param {string} name
 */
export function flag(isSet, name) {
  return isSet ? new Markup(name) : null;
}

/**
 * Replace the content of an element by markup.
 * @param {Element} place
 * @param {Markup} markup
 */
export function render(place, markup) {
  place.innerHTML = trusted().createHTML(checked(markup).text);
}

/**
 * Markup as nodes that belong nowhere yet.
 * @param {Markup} markup
 */
export function fragment(markup) {
  const template = document.createElement("template");
  render(template, markup);
  return template.content;
}

/**
 * The single element that the markup describes.
 * @param {Markup} markup
 */
export function element(markup) {
  return /** @type {HTMLElement} */ (fragment(markup).firstElementChild);
}

/**
 * A worker of ours; its address passes through the same policy as our markup.
 * @param {string} path
 */
export function startWorker(path) {
  return new Worker(trusted().createScriptURL(path), { type: "module" });
}

/**
 * @param {unknown} value
 * @param {Place} place
 * @returns {string}
 */
function piece(value, place) {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map((each) => piece(each, place)).join("");
  if (place === "kept") return escaped(value);
  return place === "text" ? withMarks(escaped(value)) : visible(escaped(value));
}

/** @param {Markup} markup */
function checked(markup) {
  if (!(markup instanceof Markup)) throw new TypeError("only html`...` may become markup");
  return markup;
}

/**
 * One icon, hidden from screen readers.
 * @param {string} name
 */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="${ICONS[name]}"></path></svg>`;
}
