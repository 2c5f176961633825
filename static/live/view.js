/**
 * What of the board is to be seen, in order: per lane the records that pass the filters. The sorted list is kept, so
 * that a change moves one entry and a keystroke only filters.
 */
const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
// Numbers first: comparing thousands of long ids that begin alike is what takes time.
const byAge = (a, b) => b.created_at - a.created_at || b.changed_at - a.changed_at || byText(a.key, b.key);
const ORDERS = {
  newest: byAge,
  oldest: (a, b) => -byAge(a, b),
  priority: (a, b) => a.priorityRank - b.priorityRank || byAge(a, b),
  title: (a, b) => byText(a.sortTitle, b.sortTitle) || byAge(a, b),
  changed: (a, b) => b.changed_at - a.changed_at || byText(a.key, b.key),
};

export const SORTS = {
  newest: "Newest first",
  oldest: "Oldest first",
  priority: "Priority",
  title: "Title",
  changed: "Recently changed",
};

export class View {
  #board;
  #sorted = [];
  #order = null;

  constructor(board) {
    this.#board = board;
  }

  /** Take the board's changes into the sorted list; `changes` is what `board.takeChanges()` gave. */
  update(changes, sort) {
    const order = ORDERS[sort] ?? ORDERS.newest;
    if (changes.all || order !== this.#order) {
      this.#order = order;
      this.#sorted = [...this.#board.records.values()].sort(order);
    } else if (changes.changed.size > 0) {
      this.#merge(changes.changed);
    }
  }

  /** Map of lane → `{records, total}`: those that pass, in order, and how many there are. Every lane is named. */
  columns(filters) {
    const columns = new Map(this.#board.lanes.map((lane) => [lane, { records: [], total: 0 }]));
    const passes = matcher(filters, this.#board);
    for (const record of this.#sorted) {
      const column = columns.get(record.lane);
      column.total += 1;
      if (passes(record)) column.records.push(record);
    }
    return columns;
  }

  #merge(keys) {
    const added = [];
    for (const key of keys) {
      const record = this.#board.records.get(key);
      if (record) added.push(record);
    }
    added.sort(this.#order);
    const merged = [];
    let next = 0;
    for (const record of this.#sorted) {
      if (keys.has(record.key)) continue;
      while (next < added.length && this.#order(added[next], record) < 0) merged.push(added[next++]);
      merged.push(record);
    }
    while (next < added.length) merged.push(added[next++]);
    this.#sorted = merged;
  }
}

/** A function that says whether a record passes the filters. All words of the search have to occur. */
export function matcher(filters, board) {
  const needles = (filters.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const { agent, priority, status, tag, flag } = filters;
  return (record) =>
    (!agent || (record.agent ?? "") === agent) &&
    (!priority || record.task.priority === priority) &&
    (!status || record.task.status === status) &&
    (!tag || record.task.tags.includes(tag)) &&
    (!flag || hasFlag(record, flag, board)) &&
    needles.every((needle) => record.haystack.includes(needle));
}

/** True if anything is filtered; sorting and grouping hide nothing. */
export function isFiltering(filters) {
  return ["q", "agent", "priority", "status", "tag", "flag"].some((name) => filters[name]);
}

function hasFlag(record, flag, board) {
  if (flag === "blocked") return !record.isDuplicate && board.isBlocked(record.task);
  if (flag === "duplicate_id") return record.isDuplicate || record.task.duplicates.length > 0;
  return record.task.flags.includes(flag);
}
