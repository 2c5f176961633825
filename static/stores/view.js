/**
 * What the board shows, in order: per lane the records that pass the filters. The sorted list is stored, so
 * that a change moves one entry and a keystroke only filters.
 */
import { natural } from "./natural.js";
/** @import {BoardChanges, Column, Filters, TaskRecord} from "../lib/types.js" */
/** @typedef {import("./board.js").Board} Board */
/** @typedef {(a: TaskRecord, b: TaskRecord) => number} Order */
/** @typedef {(record: TaskRecord) => boolean} Test */
/** What a card is sorted by, the least first, NaN last. @typedef {(record: TaskRecord, board: Board) => number} Value */

// Priorities that are not among the known ones: "P2" before "P10".
const byPriority = (/** @type {TaskRecord} */ a, /** @type {TaskRecord} */ b) => natural(a.task.priority ?? "", b.task.priority ?? "");
const byText = (/** @type {string} */ a, /** @type {string} */ b) => (a < b ? -1 : a > b ? 1 : 0);
// Numbers first: comparing thousands of long ids that begin alike is what takes time.
/** @type {Order} */
const byAge = (a, b) => b.created_at - a.created_at || b.changed_at - a.changed_at || byText(a.key, b.key);
/** @type {Record<string, Order>} */
const ORDERS = {
  newest: byAge,
  oldest: (a, b) => -byAge(a, b),
  priority: (a, b) => a.priorityRank - b.priorityRank || byPriority(a, b) || byAge(a, b),
  title: (a, b) => byText(a.sortTitle, b.sortTitle) || byAge(a, b),
  changed: (a, b) => b.changed_at - a.changed_at || byText(a.key, b.key),
};

/** What may change without the card: worked out once for each, and anew when it was touched. @type {Record<string, Value>} */
const VALUES = {
  here: (record) => record.here_at,
  quiet: (record, board) => board.quietSince(record).since_ms,
  cost: (record, board) => -(board.costOf(record)?.cost_usd || NaN),
};

/** @type {Record<string, string>} */
export const SORTS = {
  newest: "Newest first",
  oldest: "Oldest first",
  priority: "Priority",
  title: "Title",
  changed: "Recently changed",
  here: "Longest in lane",
  quiet: "Longest quiet",
  cost: "Most expensive",
};

export class View {
  #board;
  /** @type {TaskRecord[]} */
  #sorted = [];
  #sort = "";
  /** By key, where the order is one of values. @type {Map<string, number>} */
  #values = new Map();
  /** Keys of cards whose values may have changed; null: of all. @type {Set<string> | null} */
  #touched = new Set();

  /** @param {Board} board */
  constructor(board) {
    this.#board = board;
  }

  /**
   * The cost or the last call of these cards has changed; null: of all. True if that may change their order.
   * @param {Set<string> | null} keys
   */
  touch(keys) {
    if (keys === null) this.#touched = null;
    else for (const key of keys) this.#touched?.add(key);
    return Object.hasOwn(VALUES, this.#sort);
  }

  /**
   * Take the board's changes into the sorted list; `changes` is what `board.takeChanges()` gave.
   * @param {BoardChanges} changes
   * @param {string} [sort]
   */
  update(changes, sort) {
    const name = sort && Object.hasOwn(SORTS, sort) ? sort : "newest";
    const valueOf = Object.hasOwn(VALUES, name) ? VALUES[name] : null;
    const touched = valueOf ? this.#touched : new Set();
    if (changes.all || name !== this.#sort || touched === null) {
      this.#sort = name;
      const records = [...this.#board.records.values()];
      this.#values = new Map(valueOf ? records.map((record) => [record.key, valueOf(record, this.#board)]) : []);
      this.#sorted = records.sort(this.#order);
    } else if (changes.changed.size + touched.size > 0) {
      this.#merge(new Set([...changes.changed, ...touched]), valueOf);
    }
    this.#touched = new Set();
  }

  get #order() {
    return Object.hasOwn(ORDERS, this.#sort) ? ORDERS[this.#sort] : byValue(this.#values);
  }

  /**
   * Map of lane → `{records, shown, total}`: the cards that pass, in order, and of how many. Every lane is named. While only the
   * first cards are known, that is right without filters and in the order of the newest.
   * @param {Filters} filters
   */
  columns(filters) {
    /** @type {Map<string, Column>} */
    const columns = new Map(
      this.#board.lanes.map((lane) => [lane, { records: [], shown: 0, total: 0 }]),
    );
    const passes = matcher(filters, this.#board);
    for (const record of this.#sorted) {
      const column = /** @type {Column} */ (columns.get(record.lane));
      column.total += 1;
      if (passes(record)) column.records.push(record);
    }
    const { counts } = this.#board;
    for (const [lane, column] of columns) {
      if (counts) column.total = counts[lane];
      column.shown = counts ? column.total : column.records.length;
    }
    return columns;
  }

  /**
   * @param {Set<string>} keys
   * @param {Value | null} valueOf
   */
  #merge(keys, valueOf) {
    const order = this.#order;
    const added = [];
    for (const key of keys) {
      const record = this.#board.records.get(key);
      if (record) added.push(record);
      if (record && valueOf) this.#values.set(key, valueOf(record, this.#board));
    }
    added.sort(order);
    const merged = [];
    let next = 0;
    for (const record of this.#sorted) {
      if (keys.has(record.key)) continue;
      while (next < added.length && order(added[next], record) < 0) merged.push(added[next++]);
      merged.push(record);
    }
    while (next < added.length) merged.push(added[next++]);
    this.#sorted = merged;
  }
}

/**
 * @param {Map<string, number>} values
 * @returns {Order}
 */
function byValue(values) {
  return (a, b) => {
    const [one, other] = [values.get(a.key) ?? NaN, values.get(b.key) ?? NaN];
    return Number(Number.isNaN(one)) - Number(Number.isNaN(other)) || (one - other || 0) || byAge(a, b);
  };
}

/**
 * A function that says whether a record passes the filters. All words of the search have to occur.
 * @param {Filters} filters
 * @param {Board} board
 * @returns {Test}
 */
export function matcher(filters, board) {
  const { q = "", host, agent, priority, status, tag, flag } = filters;
  /** @type {Test[]} */
  const tests = q
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => (record) => record.haystack.includes(word));
  if (host) tests.unshift((record) => board.hostOf(record) === host);
  if (agent) tests.unshift((record) => record.agent === agent);
  if (priority) tests.unshift((record) => record.task.priority === priority);
  if (status) tests.unshift((record) => record.task.status === status);
  if (tag) tests.unshift((record) => record.task.tags.includes(tag));
  if (flag) tests.unshift((record) => hasFlag(record, flag, board));
  return tests.length === 0 ? () => true : (record) => tests.every((test) => test(record));
}

/**
 * True if the cards at the top of each lane are those that the service sends first: no other order, and no headings.
 * @param {Filters} filters
 */
export function isPlain(filters) {
  return !isFiltering(filters) && (filters.sort ?? "newest") === "newest" && !filters.group;
}

/**
 * True if anything is filtered; sorting and grouping hide nothing.
 * @param {Filters} filters
 */
export function isFiltering(filters) {
  return /** @type {const} */ (["q", "host", "agent", "priority", "status", "tag", "flag"]).some((name) => filters[name]);
}

/**
 * @param {TaskRecord} record
 * @param {string} flag
 * @param {Board} board
 */
function hasFlag(record, flag, board) {
  if (flag === "blocked") return board.isBlocked(record.task);
  if (flag === "evidence_missing") return board.isLacking(record.task);
  if (flag === "stale") return board.isStale(record);
  return record.task.flags.includes(flag);
}
