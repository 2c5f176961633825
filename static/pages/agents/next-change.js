/** When a list of agents becomes another by time alone. */
/** @import {AgentList} from "./types.js" */

const SOON_MS = 1_000;
const LONGEST_MS = 3_600_000; // timers of weeks overflow, and end early in a sleeping machine

/**
 * In how many milliseconds to ask again, by the service's clock; null: never.
 * @param {AgentList} list
 */
export function nextChange_ms({ agents, time, today_ends_at: ends }) {
  const times = [...agents.map(({ state_until: until }) => until), ends].filter((at) => at !== null);
  if (times.length === 0) return null;
  const wait_ms = Math.min(...times.map((at) => Date.parse(at))) - Date.parse(time);
  return Math.min(LONGEST_MS, Math.max(SOON_MS, wait_ms + 1));
}
