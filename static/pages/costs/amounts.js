/** Amounts of which a part may be unknown: `{cost_usd, calls, unpriced}`, where `cost_usd` is null if all of it is. */
/** @import {Amount, Series} from "./types.js" */
import { knownUsd, money } from "../../lib/format.js";

/** What several amounts come to together. @param {Amount[]} amounts */
export function addUp(amounts) {
  const sum = (/** @type {keyof Amount} */ name) => amounts.reduce((total, amount) => total + (amount[name] ?? 0), 0);
  const [calls, unpriced] = [sum("calls"), sum("unpriced")];
  return { cost_usd: knownUsd(sum("cost_usd"), calls, unpriced), calls, unpriced };
}

/**
 * The amount of one step of a series of a trend.
 * @param {Series} series
 * @param {number} at
 */
export function amountAt({ cost_usd, calls, unpriced_calls: unpriced }, at) {
  return { cost_usd: cost_usd[at], calls: calls[at], unpriced: unpriced[at] };
}

/** The amount of a whole series. @param {Series} series */
export function amountOf(series) {
  return addUp(series.calls.map((_, at) => amountAt(series, at)));
}

/** "$1.25", "$1.25 + 2 unpriced", "unpriced (2)". @param {Amount} amount */
export function amountText({ cost_usd, calls, unpriced }) {
  if (calls > 0 && unpriced >= calls) return `unpriced (${unpriced})`;
  return unpriced ? `${money(cost_usd)} + ${unpriced} unpriced` : money(cost_usd);
}
