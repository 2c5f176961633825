/** The items of a lane: cards, or cards under the headings of their agents; and where the arrow keys lead among them. */
import { one } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { element, html, icon } from "../../lib/html.js";
import { agentMark } from "../../ui/agent-mark.js";
/** @import {TaskRecord} from "../../lib/types.js" */
/** @import {TaskColumn} from "./task-column.js" */
/** @import {GroupHead, Item, ItemElement, Place} from "./types.js" */
/** @typedef {TaskColumn["list"]} List */

/**
 * Records with a head before each agent's; the cards of a folded agent are left out. Agents in alphabetical order.
 * @param {TaskRecord[]} records
 * @param {string} lane
 * @param {(lane: string, agent: string) => boolean} isFolded
 */
export function grouped(records, lane, isFolded) {
  /** @type {Map<string, TaskRecord[]>} */
  const byAgent = new Map();
  for (const record of records) {
    const agent = record.agent ?? "";
    const members = byAgent.get(agent) ?? [];
    if (members.push(record) === 1) byAgent.set(agent, members);
  }
  /** @type {Item[]} */
  const items = [];
  for (const agent of [...byAgent.keys()].sort()) {
    const members = /** @type {TaskRecord[]} */ (byAgent.get(agent));
    const folded = isFolded(lane, agent);
    items.push(headOf(lane, agent, members.length, folded));
    if (!folded) for (const record of members) items.push(record);
  }
  return items;
}

/**
 * Keys begin with a character that no task id can contain, so that they never meet a card's.
 * @param {string} lane
 * @param {string} agent
 * @param {number} size
 * @param {boolean} isFolded
 * @returns {GroupHead}
 */
function headOf(lane, agent, size, isFolded) {
  return { key: `\n${lane}\n${agent}`, isGroup: true, lane, agent, size, isFolded };
}

/** An empty heading, to be filled by `showGroupHead`. */
export function groupHead() {
  const head = /** @type {ItemElement} */ (element(html`<div class="group-head" role="listitem">
    <button type="button" class="group-toggle" data-focus tabindex="-1">${icon("chevron")}<span class="group-name"></span><span class="group-count"></span></button>
  </div>`));
  Object.defineProperty(head, "focusTarget", { get: () => head.firstElementChild });
  head.flash = () => {};
  return head;
}

/**
 * Fill a heading.
 * @param {ItemElement} head
 * @param {GroupHead} item
 */
export function showGroupHead(head, { agent, lane, size, isFolded }) {
  const button = head.focusTarget;
  button.dataset.group = agent;
  button.dataset.lane = lane;
  button.setAttribute("aria-expanded", String(!isFolded));
  const name = one(head, ".group-name");
  if (name.dataset.agent !== agent) {
    name.dataset.agent = agent;
    name.replaceChildren(element(agentMark(agent || null)));
  }
  one(head, ".group-count").textContent = count(size);
}

/**
 * The item that a key leads to from there, or null if there is none.
 * @param {string} key
 * @param {TaskColumn[]} columns
 * @param {Place} place
 * @returns {Place | null}
 */
export function walk(key, columns, { column, index }) {
  const list = columns[column].list;
  /** @type {Record<string, number>} */
  const steps = { ArrowUp: -list.perRow, ArrowDown: list.perRow, Home: -Infinity, End: Infinity };
  const step = steps[key];
  if (step !== undefined) return within(list, column, index, step);
  const aside = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  if (aside === 0) return null;
  if (list.perRow > 1 && isBeside(list, index, aside)) return { column, index: index + aside };
  return beside(columns, column, aside, list.offsetOf(index));
}

/**
 * Where to begin: the first card there is.
 * @param {TaskColumn[]} columns
 * @returns {Place | null}
 */
export function firstOf(columns) {
  const column = columns.findIndex(({ list }) => list.items.length > 0);
  return column < 0 ? null : { column, index: 0 };
}

/**
 * @param {List} list
 * @param {number} column
 * @param {number} index
 * @param {number} step
 */
function within(list, column, index, step) {
  const last = list.items.length - 1;
  const next = Math.min(last, Math.max(0, index + step));
  // A group's head takes a row of its own: never jump over it.
  if (Math.abs(step) > 1 && Number.isFinite(step)) {
    const sign = Math.sign(step);
    for (let at = index + sign; at !== next + sign; at += sign)
      if (list.items[at]?.isGroup) return { column, index: at };
    if (list.items[index].isGroup) return { column, index: Math.min(last, Math.max(0, index + sign)) };
  }
  return next === index ? null : { column, index: next };
}

/**
 * @param {List} list
 * @param {number} index
 * @param {number} aside
 */
function isBeside(list, index, aside) {
  const other = index + aside;
  if (!list.items[other] || list.items[other].isGroup || list.items[index].isGroup) return false;
  return list.offsetOf(other) === list.offsetOf(index);
}

/**
 * @param {TaskColumn[]} columns
 * @param {number} from
 * @param {number} aside
 * @param {number} offset
 */
function beside(columns, from, aside, offset) {
  for (let column = from + aside; column >= 0 && column < columns.length; column += aside) {
    const { list } = columns[column];
    if (list.items.length > 0) return { column, index: Math.max(0, list.indexAt(Math.max(0, offset))) };
  }
  return null;
}
