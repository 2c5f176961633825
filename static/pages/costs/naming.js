/** Names of models, agents, tasks and projects, and of calls that name none. */
/** @import {By, Series} from "./types.js" */
/** @type {By[]} */
export const BY = ["model", "agent", "task", "project"];
/** How the service is asked for what names no model, agent, task or project. */
export const NONE = "-";
/** @type {Record<By, string>} */
const UNNAMED = { model: "No model named", agent: "No agent named", task: "No task", project: "No project" };

/**
 * The name of a series of a trend: its key, "Others", or that there is none.
 * @param {By | null} by
 * @param {Pick<Series, "key" | "other">} series
 */
export function seriesName(by, { key, other }) {
  if (other) return "Others";
  return by ? keyName(by, key) : "All calls";
}

/**
 * The name of a key; null is none.
 * @param {By} by
 * @param {string | null | undefined} key
 */
export function keyName(by, key) {
  return key === null || key === undefined || key === NONE ? UNNAMED[by] : key;
}

/** The sum of the numbers that are known; null if none is. @param {(number | null | undefined)[]} numbers */
export function sumKnown(numbers) {
  const known = numbers.filter((number) => number !== null && number !== undefined);
  return known.length ? known.reduce((sum, number) => sum + number, 0) : null;
}
