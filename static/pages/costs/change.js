/** How a figure differs from that of the range before: in words that do not judge, and never as a share of nothing. */
/** @import {RangeAmount} from "./types.js" */
import { count, money, percent, tokens } from "../../lib/format.js";
import { html } from "../../lib/html.js";

const NONE_BEFORE = "no calls before";

/** @typedef {{text: string, title: string}} Change */

/**
 * The change of a quantity; null where one of both is not known. `before` of 0 has no share: it says what it was.
 * @param {number | null} now
 * @param {number | null} before
 * @param {(value: number) => string} format
 * @returns {Change | null}
 */
export function changeOf(now, before, format) {
  if (now === null || before === null) return null;
  const difference = now - before;
  const title = `${format(before)} in the range before`;
  if (format(now) === format(before)) return { text: "as before", title };
  const sign = difference > 0 ? "+" : "−";
  const amount = `${sign}${format(Math.abs(difference))}`;
  return { text: before > 0 ? `${amount} (${sign}${percent(Math.abs(difference) / before)})` : amount, title };
}

/**
 * The change of what calls cost: also where there were none, or where it cannot be known.
 * @param {Pick<RangeAmount, "cost_usd">} now
 * @param {Pick<RangeAmount, "cost_usd" | "calls" | "unpriced_calls">} before
 * @returns {Change}
 */
export function costChange(now, before) {
  if (before.calls === 0) return { text: NONE_BEFORE, title: "No calls in the range before" };
  const found = changeOf(now.cost_usd, before.cost_usd, money);
  if (found) return before.unpriced_calls ? { ...found, title: `${found.title}, + ${count(before.unpriced_calls)} unpriced` } : found;
  const title = `${money(before.cost_usd)} in the range before`;
  return { text: before.cost_usd === null ? "unpriced before" : `${money(before.cost_usd)} before`, title };
}

/**
 * The change of a number of calls or tokens.
 * @param {number} now
 * @param {number} before
 * @param {boolean} [areTokens]
 * @returns {Change}
 */
export function countChange(now, before, areTokens = false) {
  if (before === 0) return { text: NONE_BEFORE, title: "None in the range before" };
  return /** @type {Change} */ (changeOf(now, before, areTokens ? tokens : count));
}

/**
 * The change of a share, in percentage points.
 * @param {number | null} now
 * @param {number | null} before
 * @returns {Change | null}
 */
export function shareChange(now, before) {
  if (now === null || before === null) return null;
  const points = Math.round((now - before) * 1000) / 10;
  const title = `${percent(before)} in the range before`;
  return points === 0 ? { text: "as before", title } : { text: `${points > 0 ? "+" : "−"}${Math.abs(points)} points`, title };
}

/** It as markup; nothing for none. @param {Change | null | undefined} change */
export function changeMark(change) {
  return change ? html`<span class="change" title="${change.title}">${change.text}</span>` : null;
}
