/** What calls have cost in few characters, which never say more than is known. */
import { knownMoney, money, plural } from "../lib/format.js";

/**
 * "$0.42", "$0.42 + ?" if a part of it is unknown, "? $" if all of it is: `{text, label}`.
 * @param {{cost_usd: number | null, calls: number, unpriced: number}} cost
 */
export function costText({ cost_usd, calls, unpriced }) {
  const isUnknown = cost_usd === null || (calls > 0 && unpriced >= calls);
  if (isUnknown) return { text: "? $", label: `Cost unknown: no price for ${plural(calls, "call")}` };
  const label = `${knownMoney(cost_usd, calls, unpriced)} for ${plural(calls, "call")}`;
  if (unpriced === 0) return { text: money(cost_usd), label };
  return { text: `${money(cost_usd)} + ?`, label: `${label}, of which ${unpriced} unpriced` };
}
