/** Where the arrow keys lead among the columns of a board. */
/** @import {TaskColumn} from "./task-column.js" */
/** @import {Place} from "./types.js" */
/** @typedef {TaskColumn["list"]} List */

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
  return inColumnBeside(columns, column, aside, list.offsetOf(index));
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
function inColumnBeside(columns, from, aside, offset) {
  for (let column = from + aside; column >= 0 && column < columns.length; column += aside) {
    const { list } = columns[column];
    if (list.items.length > 0) return { column, index: Math.max(0, list.indexAt(Math.max(0, offset))) };
  }
  return null;
}
