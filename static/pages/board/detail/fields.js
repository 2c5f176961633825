/**
 * Values of a task file as markup: mappings as definition lists, lists as lists, long or marked-up text as Markdown.
 * Markdown needs nodes, not text, so its places are left empty here and filled by `fill`.
 */
import { dateTime, moment, sentenceCase } from "../../../lib/format.js";
import { html, icon } from "../../../lib/html.js";
/** @import {Markup} from "../../../lib/types.js" */

const MOST_NODES = 2_000;
const SHORT = 140;
// One word is a name, also `1.`, `__init__` or `2.10`: Markdown would make a list or bold text of it.
const ONE_WORD = /^(?!https?:|\*\*|`|!?\[|<)\S+$/;
const MARKED_UP = /[*_`#~|[\]<>\\]|https?:|^\s*[-+\d]/;

export class Fields {
  /** @type {string[]} */
  #texts = [];
  #left = MOST_NODES;

  /**
   * Markup of any JSON value.
   * @param {unknown} value
   * @returns {Markup}
   */
  value(value) {
    if (this.#left <= 0) return html`<span class="more">… more in the raw YAML</span>`;
    this.#left -= 1;
    if (value === null || value === "") return html`<span class="nil">empty</span>`;
    if (Array.isArray(value)) return this.#list(value);
    if (typeof value === "object") return this.mapping(value);
    return typeof value === "string" ? this.text(value) : html`<span class="scalar">${String(value)}</span>`;
  }

  /**
   * Markup of a mapping's entries; "empty" if there are none.
   * @param {object} value
   * @returns {Markup}
   */
  mapping(value) {
    const entries = Object.entries(value);
    if (entries.length === 0) return html`<span class="nil">empty</span>`;
    return html`<dl class="mapping">${entries.map(([key, inner]) => this.#entry(key, inner))}</dl>`;
  }

  /**
   * Markup of text.
   * @param {string} text
   */
  text(text) {
    if (text.length <= 40 && !Number.isNaN(moment(text)))
      return html`<time datetime="${text}" title="${text}">${dateTime(text)}</time>`;
    if (text.length <= SHORT && !text.includes("\n") && (ONE_WORD.test(text) || !MARKED_UP.test(text)))
      return html`<span dir="auto">${text}</span>`;
    this.#texts.push(text);
    return html`<div class="prose" dir="auto" data-text="${this.#texts.length - 1}"></div>`;
  }

  /**
   * Put the Markdown into its places below `root`; `markdown(text)` makes nodes.
   * @param {Element} root
   * @param {(text: string) => Node} markdown
   */
  fill(root, markdown) {
    for (const place of root.querySelectorAll("[data-text]")) {
      place.replaceChildren(markdown(this.#texts[Number(place.getAttribute("data-text"))]));
    }
  }

  /**
   * @param {string} key
   * @param {unknown} value
   */
  #entry(key, value) {
    if (this.#left <= 0) return null;
    return html`<div class="${isSmall(value) ? "pair" : "pair is-block"}"><dt>${sentenceCase(key)}</dt><dd>${this.value(value)}</dd></div>`;
  }

  /**
   * An entry of a list; one that only says a text and whether it is done has a box.
   * @param {unknown} value
   */
  #item(value) {
    const checked = checkOf(value);
    if (!checked) return html`<li>${this.value(value)}</li>`;
    this.#left -= 1;
    const { isDone, text } = checked;
    return html`<li class="check" data-done="${String(isDone)}"><span class="check-box">${isDone ? icon("check") : null}<span class="off-screen">${isDone ? "Done: " : "Not done: "}</span></span>${this.text(text)}</li>`;
  }

  /** @param {unknown[]} values */
  #list(values) {
    if (values.length === 0) return html`<span class="nil">none</span>`;
    const shown = values.slice(0, this.#left);
    const left = values.length - shown.length;
    return html`<ul class="values">
      ${shown.map((value) => this.#item(value))}${left > 0 ? html`<li class="more">… ${left} more in the raw YAML</li>` : null}
    </ul>`;
  }
}

/** @param {unknown} value */
function isSmall(value) {
  return value === null || typeof value !== "object"
    ? String(value).length <= SHORT && !String(value).includes("\n")
    : false;
}

const CHECKS = ["done", "checked", "completed", "complete", "met", "passed"];

/**
 * What an entry of a checklist says; null for any other: `[x] text`, `{text: …, done: true}`.
 * @param {unknown} value
 */
export function checkOf(value) {
  if (typeof value === "string") {
    const [, box, text] = /^\s*\[([ xX])\]\s+(.+)$/s.exec(value) ?? [];
    return text === undefined ? null : { isDone: box !== " ", text };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  const check = entries.find(([key, is]) => CHECKS.includes(key) && typeof is === "boolean");
  const [said] = entries.filter((entry) => entry !== check);
  return check && entries.length === 2 && typeof said[1] === "string" ? { isDone: check[1], text: said[1] } : null;
}
