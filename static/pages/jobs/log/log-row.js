/** The element of a row of a log: its line, the heading of a phase that begins with it, what is folded under it. */
import { rangesOf } from "../../../lib/ranges.js";
import { clock, count, dateTime, plural } from "../../../lib/format.js";
import { visible } from "../../../lib/hidden.js";
import { nodesOf } from "./line-text.js";
import { phaseLabel } from "../statuses.js";
/** @import {LogLine} from "../../../lib/types.js" */
/** @import {RowElement} from "../../../ui/row-elements.js" */
/** @import {PhaseStart} from "../types.js" */
/** @import {TailItem} from "./log-tail.js" */

/**
 * What a row shows. `hidden` lines follow it that this view leaves out; `folded` are those, if they are unfolded; `found` what
 * the search found in it, `word` what it looks for.
 * @typedef {object} RowState
 * @property {TailItem | undefined} item
 * @property {PhaseStart | undefined} phase
 * @property {number} hidden
 * @property {LogLine[] | null} folded
 * @property {boolean} isWhole
 * @property {boolean} isLinked
 * @property {boolean} isCurrent
 * @property {string | null} word
 * @property {[number, number][] | null} found
 */
/** @typedef {RowElement & {shown?: RowState}} LogRow */

const MOST_CHARACTERS = 1_500;

/** @returns {LogRow} */
export function makeRow() {
  const row = document.createElement("div");
  row.className = "log-row";
  row.setAttribute("role", "listitem");
  return row;
}

/**
 * Show a row, unless it is shown already.
 * @param {LogRow} element
 * @param {RowState} state
 */
export function fillRow(element, state) {
  if (element.shown && isSame(element.shown, state)) return;
  element.shown = state;
  const { item, phase, isLinked, isCurrent } = state;
  element.dataset.level = item?.line?.level ?? "";
  element.dataset.seq = String(item?.line?.seq ?? "");
  element.toggleAttribute("data-linked", isLinked);
  element.toggleAttribute("data-current", isCurrent);
  if (!item) return element.replaceChildren(waiting());
  if (!item.line) return element.replaceChildren(skipped(item.skipped));
  element.replaceChildren(...(phase ? [heading(phase)] : []), lineOf(item.line, state), ...foldOf(item.line, state));
}

/**
 * @param {RowState} a
 * @param {RowState} b
 */
function isSame(a, b) {
  const names = /** @type {(keyof RowState)[]} */ (Object.keys(a));
  return a.item?.line === b.item?.line && a.item?.skipped === b.item?.skipped && names.every((name) => name === "item" || a[name] === b[name]);
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {(string | Node)[]} content
 */
function make(tag, className, ...content) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...content);
  return element;
}

/**
 * A line with its number, time and level.
 * @param {LogLine} line
 * @param {RowState} state
 */
function lineOf(line, { word, found, isWhole }) {
  const number = make("button", "log-number", count(line.seq));
  Object.assign(number, { type: "button", tabIndex: -1, title: `Line ${count(line.seq)}: link to it` });
  const time = make("span", "log-time", clock(line.time));
  time.title = dateTime(line.time);
  const level = make("span", "log-level", line.level === "info" ? "" : line.level);
  return make("div", line.is_folded ? "log-line is-trace" : "log-line", number, time, level, textOf(line, word, found, isWhole));
}

/**
 * @param {LogLine} line
 * @param {string | null} word
 * @param {[number, number][] | null} found
 * @param {boolean} isWhole
 */
function textOf({ message, spans, source }, word, found, isWhole) {
  const isCut = !isWhole && message.length > MOST_CHARACTERS;
  const text = isCut ? message.slice(0, MOST_CHARACTERS) : message;
  const ranges = found ?? (word ? rangesOf(text, word) : []);
  const inside = ranges.filter(([from]) => from < text.length);
  const place = make("span", "log-text", ...nodesOf(text, spans.filter(([from]) => from < text.length), inside));
  place.dir = "auto";
  if (source !== "agent") place.dataset.source = source;
  if (isCut) place.append(button("log-whole", `… ${count(message.length - MOST_CHARACTERS)} characters more`));
  return place;
}

/**
 * @param {LogLine} line
 * @param {RowState} state
 */
function foldOf(line, { hidden, folded }) {
  if (hidden <= 0) return [];
  const what = line.level === "error" ? plural(hidden, "line folded", "lines folded") : plural(hidden, "line left out", "lines left out");
  const toggle = button("log-fold", what);
  toggle.setAttribute("aria-expanded", String(folded !== null));
  toggle.toggleAttribute("data-quiet", line.level !== "error");
  if (!folded) return [toggle];
  const lines = folded.map((each) => make("div", "log-folded-line", ...nodesOf(each.message.slice(0, MOST_CHARACTERS), each.spans, [])));
  if (folded.length < hidden) lines.push(make("div", "log-folded-line faint", `${count(hidden - folded.length)} more: see “Everything”`));
  return [toggle, make("div", "log-folded", ...lines)];
}

/** @param {string} className @param {string} text */
function button(className, text) {
  return Object.assign(make("button", className, text), { type: "button", tabIndex: -1 });
}

/** @param {PhaseStart} phase */
function heading({ phase, time }) {
  const title = make("div", "log-phase", make("strong", "", visible(phaseLabel(phase))), make("span", "", clock(time)));
  title.setAttribute("role", "heading");
  title.setAttribute("aria-level", "3");
  return title;
}

function waiting() {
  return make("div", "log-line is-waiting", make("span", "log-wait", ""));
}

/** @param {number} size */
function skipped(size) {
  const place = make("div", "log-skipped", `${plural(size, "line")} came too fast to be shown; they are being read from the log`);
  place.dataset.testid = "log-skipped";
  return place;
}
