/** The cards of a board in groups, by any of their fields, with the sums of each: pure. */
import { natural } from "./natural.js";
import { priorityRank } from "./records.js";
/** @import {Column, TaskCost, TaskRecord} from "../lib/types.js" */
/** @typedef {import("./board.js").Board} Board */
/** Sums of the cards of a group; `cost` is null without calls. @typedef {{cards: number, byLane: Map<string, number>, cost: {cost_usd: number | null, calls: number, unpriced: number} | null, stale: number, checked: {done: number, total: number}}} Sums */
/** Of a group the cards of each lane, in their order. `value` "": those that have none. @typedef {{value: string, lanes: Map<string, TaskRecord[]>, sums: Sums}} Swimlane */

/**
 * The group of a card; "" if it has none.
 * @param {TaskRecord} record
 * @param {string} group
 * @param {Board} board
 * @returns {string}
 */
export function groupOf(record, group, board) {
  const { agent, task } = record;
  if (group === "host") return board.hostOf(record);
  if (group === "agent") return agent ?? "";
  if (group === "tag") return task.tags[0] ?? "";
  return /** @type {Record<string, any>} */ (task)[group] ?? "";
}

/**
 * The groups of these columns in reading order, those without a value last.
 * @param {Map<string, Column>} columns
 * @param {string} group
 * @param {Board} board
 * @returns {Swimlane[]}
 */
export function swimlanesOf(columns, group, board) {
  /** @type {Map<string, Swimlane>} */
  const found = new Map();
  for (const [lane, { records }] of columns) {
    for (const record of records) {
      const value = groupOf(record, group, board);
      let swimlane = found.get(value);
      if (!swimlane) found.set(value, (swimlane = { value, lanes: new Map(), sums: noSums() }));
      const cards = swimlane.lanes.get(lane);
      if (cards) cards.push(record);
      else swimlane.lanes.set(lane, [record]);
      add(swimlane.sums, record, board);
    }
  }
  return [...found.values()].sort((a, b) => byGroup(a.value, b.value, group));
}

/**
 * The order of two groups.
 * @param {string} a
 * @param {string} b
 * @param {string} group
 */
export function byGroup(a, b, group) {
  if (a === "" || b === "") return Number(a === "") - Number(b === "");
  return (group === "priority" ? priorityRank(a) - priorityRank(b) : 0) || natural(a, b) || (a < b ? -1 : 1);
}

/** @returns {Sums} */
function noSums() {
  return { cards: 0, byLane: new Map(), cost: null, stale: 0, checked: { done: 0, total: 0 } };
}

/**
 * @param {Sums} sums
 * @param {TaskRecord} record
 * @param {Board} board
 */
function add(sums, record, board) {
  sums.cards += 1;
  sums.byLane.set(record.lane, (sums.byLane.get(record.lane) ?? 0) + 1);
  const cost = board.costOf(record);
  if (cost?.calls) sums.cost = plus(sums.cost, cost);
  if (board.isStale(record)) sums.stale += 1;
  sums.checked.done += record.task.checklist?.done ?? 0;
  sums.checked.total += record.task.checklist?.total ?? 0;
}

/**
 * @param {Sums["cost"]} sum
 * @param {TaskCost} cost
 */
function plus(sum, { cost_usd, calls, unpriced }) {
  if (sum === null) return { cost_usd, calls, unpriced };
  const known = cost_usd === null ? sum.cost_usd : (sum.cost_usd ?? 0) + cost_usd;
  return { cost_usd: known, calls: sum.calls + calls, unpriced: sum.unpriced + unpriced };
}
