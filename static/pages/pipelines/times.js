/** How long things took or have taken, and whether a pipeline is stale; pure. */
import { UNKNOWN, moment } from "../../lib/format.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const two = (/** @type {number} */ number) => String(number).padStart(2, "0");

/**
 * How long it took, or has taken so far, in ms; null if it has not started.
 * @param {string | null | undefined} started_at
 * @param {string | null | undefined} finished_at
 * @param {number} now_ms
 */
export function lengthOf(started_at, finished_at, now_ms) {
  const from = moment(started_at);
  if (Number.isNaN(from)) return null;
  const to = moment(finished_at);
  return Math.max(0, (Number.isNaN(to) ? now_ms : to) - from);
}

/**
 * "42 s", "3 min 05 s", "2 h 07 min", "3 d 4 h"; "—" where nothing is known.
 * @param {number | null} length_ms
 */
export function lengthText(length_ms) {
  if (length_ms === null) return UNKNOWN;
  const rest = (/** @type {number} */ whole, /** @type {number} */ unit) => Math.floor((length_ms % whole) / unit);
  if (length_ms < MINUTE_MS) return `${Math.floor(length_ms / 1000)} s`;
  if (length_ms < HOUR_MS) return `${Math.floor(length_ms / MINUTE_MS)} min ${two(rest(MINUTE_MS, 1000))} s`;
  if (length_ms < DAY_MS) return `${Math.floor(length_ms / HOUR_MS)} h ${two(rest(HOUR_MS, MINUTE_MS))} min`;
  return `${Math.floor(length_ms / DAY_MS)} d ${rest(DAY_MS, HOUR_MS)} h`;
}

/**
 * True for a running one without a sign of life for longer than that: the same rule as the service's `is_stale`.
 * @param {{status: string, active_at: string | null | undefined}} pipeline
 * @param {number} stale_after_s
 * @param {number} now_ms
 */
export function isStale({ status, active_at }, stale_after_s, now_ms) {
  return status === "running" && now_ms - moment(active_at) > stale_after_s * 1000;
}
