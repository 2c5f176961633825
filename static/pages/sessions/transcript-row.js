/** The element of a row of a transcript: its number and time, and its parts, of which those of tools are folded. */
import { rangesOf } from "../../lib/ranges.js";
import { clock, count, dateTime } from "../../lib/format.js";
import { partsOf } from "../../lib/hidden.js";
import { address } from "../../lib/router.js";
import { summaryOf } from "./figures.js";
/** @import {RowElement} from "../../ui/row-elements.js" */
/** @import {Match, Part, Row} from "./types.js" */

/**
 * What a row shows. `open` has the numbers of its parts that are unfolded, `whole` its parts with their whole texts, if they
 * were asked for.
 * @typedef {object} RowState
 * @property {Row | undefined} row
 * @property {string} open
 * @property {Part[] | null} whole
 * @property {boolean} isLinked
 * @property {boolean} isCurrent
 * @property {Match | undefined} match
 * @property {string | null} word
 */
/** @typedef {RowElement & {shown?: RowState}} TranscriptRow */

const FOLDED = ["tool", "result", "thinking", "meta", "broken"];
const LABELS = { prompt: "You", text: "Agent", thinking: "Thinking", tool: "Tool", result: "Result", note: "Note", meta: "Log", broken: "Not readable" };
const MOST_CHARACTERS = 1_500;

/** @returns {TranscriptRow} */
export function makeRow() {
  const row = make("div", "turn");
  row.setAttribute("role", "listitem");
  row.dataset.testid = "turn";
  return row;
}

/** Show a row, unless it is shown already. @param {TranscriptRow} element @param {RowState} state */
export function fillRow(element, state) {
  const known = element.shown;
  const names = /** @type {(keyof RowState)[]} */ (Object.keys(state));
  if (known && names.every((name) => known[name] === state[name])) return;
  element.shown = state;
  const { row, isLinked, isCurrent, match } = state;
  element.dataset.line = String(row?.line ?? "");
  element.dataset.kind = row?.parts[0]?.kind ?? "";
  element.toggleAttribute("data-linked", isLinked);
  element.toggleAttribute("data-current", isCurrent);
  element.toggleAttribute("data-found", match !== undefined);
  if (!row) return element.replaceChildren(make("div", "turn-waits"));
  const parts = row.parts.map((part, index) => partOf(part, index, state));
  const found = isCurrent && match ? [foundIn(match)] : [];
  element.replaceChildren(sideOf(row), make("div", "turn-parts", ...found, ...parts));
}

/** @param {Row} row */
function sideOf({ line, time }) {
  const number = make("button", "turn-line", count(line));
  Object.assign(number, { type: "button", tabIndex: -1, title: `Line ${count(line)}: link to it` });
  const at = make("span", "turn-time", clock(time));
  at.title = dateTime(time);
  return make("div", "turn-side", number, at);
}

/** @param {Match} match */
function foundIn({ text, ranges }) {
  const line = make("p", "turn-match", ...marked(text, ranges));
  line.dataset.testid = "turn-match";
  return line;
}

/** @param {Part} cut @param {number} index @param {RowState} state */
function partOf(cut, index, { open, whole, word }) {
  const part = whole?.[index] ?? cut;
  const { kind, tool, is_error: isError } = part;
  const box = make("div", "turn-part");
  Object.assign(box.dataset, { kind, part: String(index) });
  box.toggleAttribute("data-error", isError);
  const isOpen = open.includes(`,${index},`);
  const isFolded = FOLDED.includes(kind);
  const label = make("span", "turn-kind", kind === "tool" && tool ? tool : LABELS[kind]);
  if (!isFolded) {
    box.append(label, ...bodyOf(part, word, isOpen));
    return box;
  }
  const summary = summaryOf(part);
  const toggle = make("button", "turn-fold", label, make("span", "turn-summary", ...marked(summary, rangesOf(summary, word ?? ""))));
  Object.assign(toggle, { type: "button", tabIndex: -1 });
  toggle.setAttribute("aria-expanded", String(isOpen));
  box.append(toggle);
  if (part.agent) box.append(agentLink(part.agent));
  if (isOpen) box.append(...bodyOf(part, word, true));
  return box;
}

/** @param {Part} part @param {string | null} word @param {boolean} isOpen */
function bodyOf({ text, size, is_cut: isCut }, word, isOpen) {
  const shown = isOpen ? text : text.slice(0, MOST_CHARACTERS);
  const body = make("div", "turn-text", ...marked(shown, rangesOf(shown, word ?? "")));
  const missing = size - shown.length;
  if (missing <= 0) return [body];
  const more = make("button", "turn-more", isCut && isOpen && missing > 0 ? `${count(missing)} characters more: show them` : `… ${count(missing)} characters more`);
  Object.assign(more, { type: "button", tabIndex: -1 });
  return [body, more];
}

/** @param {string} agent */
function agentLink(agent) {
  const link = make("a", "turn-agent", "Open the sub-agent");
  Object.assign(link, { href: address({ page: "sessions", item: agent }), tabIndex: -1 });
  return link;
}

/** @param {string} text @param {[number, number][]} ranges */
function marked(text, ranges) {
  const nodes = [];
  let at = 0;
  for (const [from, to] of ranges) {
    if (from < at || to > text.length) continue;
    nodes.push(...partsOf(text.slice(at, from)), make("mark", "", ...partsOf(text.slice(from, to))));
    at = to;
  }
  return [...nodes, ...partsOf(text.slice(at))];
}

/** @param {string} tag @param {string} className @param {(string | Node)[]} content */
function make(tag, className, ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}
