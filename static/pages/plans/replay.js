/** A plan as it was after each recorded change: pure. */
import { percentageOf } from "./plan-model.js";
/** @import {PlanProgress, PlanTask, PlanTaskStatus} from "../../lib/types.js" */
/** @import {Change} from "./types.js" */

export const CELL = { size: 10, gap: 2, perRow: 60 };

export class Replay {
  /** @type {string[]} */
  #ids;
  /** @type {Map<string, PlanTaskStatus | null>} */
  #begin = new Map();

  /**
   * `tasks` are as they are now; a task is before its first change as that says, and without one as it is now.
   * @param {PlanTask[]} tasks
   * @param {Change[]} changes Oldest first.
   */
  constructor(tasks, changes) {
    this.changes = changes;
    for (const { task, previousStatus } of changes) if (!this.#begin.has(task)) this.#begin.set(task, previousStatus);
    for (const { id, status } of tasks) if (!this.#begin.has(id)) this.#begin.set(id, status);
    const known = new Set(tasks.map(({ id }) => id));
    this.#ids = [...known, ...[...this.#begin.keys()].filter((id) => !known.has(id))];
  }

  /** How many steps there are: after the last one the plan is as it is now. */
  get length() {
    return this.changes.length;
  }

  /** The tasks that were there after so many changes, in the order of the plan. @param {number} step */
  statusesAt(step) {
    const statuses = new Map(this.#begin);
    for (const { task, status } of this.changes.slice(0, step)) statuses.set(task, status);
    /** @type {[string, PlanTaskStatus][]} */
    const found = [];
    for (const id of this.#ids) {
      const status = statuses.get(id);
      if (status) found.push([id, status]);
    }
    return found;
  }

  /** The change after which the plan was so; null at the begin. @param {number} step */
  changeAt(step) {
    return step > 0 ? this.changes[step - 1] : null;
  }
}

/** @param {[string, PlanTaskStatus][]} statuses @returns {PlanProgress} */
export function progressOf(statuses) {
  const counts = { total: statuses.length, completed: 0, pending: 0, in_progress: 0, failed: 0, skipped: 0, percentage: 0 };
  for (const [, status] of statuses) counts[status] += 1;
  counts.percentage = percentageOf(counts);
  return counts;
}

/**
 * The tasks as squares, one path for each status: quick to draw, however many there are.
 * @param {[string, PlanTaskStatus][]} statuses
 * @param {number} perRow
 */
export function cellPaths(statuses, perRow = CELL.perRow) {
  /** @type {Map<PlanTaskStatus, string[]>} */
  const paths = new Map();
  const step = CELL.size + CELL.gap;
  statuses.forEach(([, status], index) => {
    const [x, y] = [(index % perRow) * step, Math.floor(index / perRow) * step];
    const path = paths.get(status) ?? [];
    paths.set(status, path);
    path.push(`M${x} ${y}h${CELL.size}v${CELL.size}h-${CELL.size}z`);
  });
  const columns = Math.min(perRow, Math.max(1, statuses.length));
  return { width: columns * step - CELL.gap, height: Math.max(1, Math.ceil(statuses.length / perRow)) * step - CELL.gap, paths: [...paths].map(([status, path]) => ({ status, path: path.join("") })) };
}
