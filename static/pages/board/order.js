/** The cards of the board in the order in which they are read, for who goes from one to the next. */
import { signal } from "../../lib/signals.js";
/** @import {TaskRecord} from "../../lib/types.js" */

/** Lane by lane, or group by group; null while the board is not shown. */
export const shownOrder = signal(/** @type {TaskRecord[][] | null} */ (null));

/**
 * Where a task is among these cards: `{index, total, before, after}`. `index` is -1 for one that is not among them; then the
 * first is `after` it.
 * @param {TaskRecord[][]} order
 * @param {string} id
 * @param {string | null} path
 */
export function placeIn(order, id, path) {
  const all = order.flat().filter(({ host }) => host === undefined); // others are opened elsewhere
  const index = all.findIndex((record) => record.id === id && (path === null ? !record.isDuplicate : record.path === path));
  return { index, total: all.length, before: all[index - 1] ?? null, after: all[index + 1] ?? null };
}
