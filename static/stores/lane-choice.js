/**
 * Which lanes are shown, in which order, and which of them folded, as an address says it: `lanes`, `hide` and `fold` are names
 * with `/` between them, which no lane has in its name. Likewise `shut`, the groups that are folded. Pure.
 */
/** @import {Filters} from "../lib/types.js" */
/** @typedef {{name: string, isHidden: boolean, isFolded: boolean}} LaneChoice */

/**
 * The lanes in their order; those that the address does not name come last. A board whose lanes are all hidden shows all.
 * @param {Filters} filters
 * @param {string[]} lanes
 * @returns {LaneChoice[]}
 */
export function lanesOf({ lanes: order, hide, fold }, lanes) {
  const first = namesIn(order).filter((name) => lanes.includes(name));
  const all = [...first, ...lanes.filter((name) => !first.includes(name))];
  const [hidden, folded] = [new Set(namesIn(hide)), new Set(namesIn(fold))];
  const isAnyShown = all.some((name) => !hidden.has(name));
  return all.map((name) => ({ name, isHidden: isAnyShown && hidden.has(name), isFolded: folded.has(name) }));
}

/**
 * The change of the address that moves a lane by so many places.
 * @param {Filters} filters
 * @param {string[]} lanes
 * @param {string} name
 * @param {number} by
 * @returns {Filters}
 */
export function movedLane(filters, lanes, name, by) {
  const order = lanesOf(filters, lanes).map((lane) => lane.name);
  const from = order.indexOf(name);
  const to = Math.max(0, Math.min(order.length - 1, from + by));
  if (from < 0) return {};
  order.splice(to, 0, ...order.splice(from, 1));
  return { lanes: order.every((each, index) => each === lanes[index]) ? "" : order.join("/") };
}

/**
 * The change that adds a lane to those that are hidden or folded, or takes it away.
 * @param {Filters} filters
 * @param {"hide" | "fold"} what
 * @param {string} name
 * @returns {Filters}
 */
export function toggledLane(filters, what, name) {
  return { [what]: toggled(namesIn(filters[what]), name).join("/") };
}

/**
 * The groups that are folded.
 * @param {Filters} filters
 * @returns {Set<string>}
 */
export function shutGroups({ shut }) {
  return new Set((shut ?? "").split("/").slice(0, -1).map(decoded));
}

/**
 * The change that folds a group, or unfolds it. Each name is followed by `/`, so that the one of those without a value counts.
 * @param {Filters} filters
 * @param {string} group
 * @returns {Filters}
 */
export function toggledGroup(filters, group) {
  return { shut: toggled([...shutGroups(filters)], group).map((name) => `${encodeURIComponent(name)}/`).join("") };
}

/** @param {string | undefined} text */
function namesIn(text) {
  return [...new Set((text ?? "").split("/").filter(Boolean))];
}

/**
 * @param {string[]} names
 * @param {string} name
 */
function toggled(names, name) {
  return names.includes(name) ? names.filter((each) => each !== name) : [...names, name];
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
