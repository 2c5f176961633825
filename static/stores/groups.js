/** What the cards of a board can be grouped by. The groups themselves are in swimlanes.js, which is loaded when they are asked for. */

/** What can be grouped by. @type {Record<string, string>} */
export const GROUPS = {
  agent: "Agent",
  priority: "Priority",
  status: "Status",
  tag: "First tag",
  batch: "Batch",
  milestone: "Milestone",
  initiative: "Initiative",
  specification: "Specification",
  mode: "Mode",
  host: "Host",
};

/**
 * The field by which an address groups; null for none, and for what is none.
 * @param {string | undefined} group
 */
export function groupIn(group) {
  return group && Object.hasOwn(GROUPS, group) ? group : null;
}
