/** What a search found, with the lines around it: `log-matches`. */
import { define, keyed, one } from "../../../lib/dom.js";
import { clock, count, plural } from "../../../lib/format.js";
import { element, html, icon, render } from "../../../lib/html.js";
import { nodesOf } from "./line-text.js";
/** @import {LogLine} from "../../../lib/types.js" */
/** @import {Match} from "../types.js" */
/** @import {LogSearch} from "./log-search.js" */
/** @typedef {HTMLElement & {match?: Match}} Item */

const MOST_CHARACTERS = 300;
const BEFORE_MATCH = 80;

export class LogMatches extends HTMLElement {
  connectedCallback() {
    render(this, frame());
  }

  /** @param {LogSearch} search */
  show(search) {
    this.hidden = search.text === "";
    if (this.hidden) return;
    one(this, ".matches-sum").textContent = sumOf(search);
    one(this, ".matches-error").textContent = search.error?.message ?? "";
    one(this, ".more-matches").hidden = !search.hasMore || search.isBusy;
    const items = search.matches.map((match, index) => ({ match, index }));
    keyed(one(this, ".matches"), items, ({ match }) => String(match.seq), make, (item, { match, index }) => fill(item, match, index));
    for (const item of this.querySelectorAll(".match")) item.toggleAttribute("data-current", /** @type {HTMLElement} */ (item).dataset.index === String(search.at));
    this.querySelector(".match[data-current]")?.scrollIntoView({ block: "nearest" });
  }
}

/** Make the element known. */
export function register() {
  define("log-matches", LogMatches);
}

/**
 * "12 of 345 lines", "Searching…".
 * @param {LogSearch} search
 */
export function sumOf({ text, matches, count: total, isExact, at, isBusy, error }) {
  if (!text || error) return "";
  if (matches.length === 0) return isBusy ? "Searching…" : "Not found";
  const all = total === null ? `${count(matches.length)}+` : `${count(total)}${isExact ? "" : "+"}`;
  return at >= 0 ? `${count(at + 1)} of ${all}` : plural(total ?? matches.length, "line");
}

/** @returns {Item} */
function make() {
  return element(html`<li><button type="button" class="match" data-testid="log-match"></button></li>`);
}

/**
 * @param {Item} item
 * @param {Match} match
 * @param {number} index
 */
function fill(item, match, index) {
  const button = one(item, ".match");
  button.dataset.index = String(index);
  if (item.match === match) return;
  item.match = match;
  button.dataset.level = match.line.level;
  const head = element(html`<span class="match-head"><span>${count(match.seq)}</span><span>${clock(match.line.time)}</span></span>`);
  const context = (/** @type {LogLine} */ { message }) => {
    const place = Object.assign(document.createElement("span"), { className: "match-context" });
    place.append(...nodesOf(message.slice(0, MOST_CHARACTERS), [], []));
    return place;
  };
  button.replaceChildren(head, ...match.before.map(context), textOf(match), ...match.after.map(context));
}

/**
 * The line that was found, from a little before what was found.
 * @param {Match} match
 */
function textOf({ line: { message }, ranges: found }) {
  const from = Math.max(0, (found[0]?.[0] ?? 0) - BEFORE_MATCH);
  const text = message.slice(from, from + MOST_CHARACTERS);
  const place = Object.assign(document.createElement("span"), { className: "match-line" });
  place.append(...(from > 0 ? ["…"] : []), ...nodesOf(text, [], found.map(([start, end]) => [start - from, end - from])));
  return place;
}

function frame() {
  return html`<header class="matches-head"><h3>Found</h3><span class="matches-sum" role="status"></span>
      <button type="button" class="button icon-button end-search" aria-label="End the search">${icon("close")}</button></header>
    <p class="matches-error" role="alert"></p>
    <ol class="matches"></ol>
    <button type="button" class="button more-matches">Older matches</button>`;
}
