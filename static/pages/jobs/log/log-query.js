/** What the address says of a log. */
import { LEVELS } from "../statuses.js";
/** @import {LogLevel} from "../../../lib/types.js" */
/** @import {LogQuery} from "../types.js" */

/**
 * @param {Record<string, string>} query
 * @returns {LogQuery}
 */
export function queryOf({ run, view, level, phase }) {
  const levels = (level ?? "").split(",").filter((each) => LEVELS.includes(/** @type {LogLevel} */ (each)));
  return { run: run ?? null, view: view === "all" ? "all" : "user", levels: /** @type {LogLevel[]} */ (levels), phase: phase ?? null };
}
