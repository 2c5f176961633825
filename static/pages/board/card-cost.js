/** What a task has cost, on its card. */
import { knownMoney, money, plural } from "../../lib/format.js";

/** "$0.42", "$0.42 + ?" if a part of it is unknown, "? $" if all of it is: `{text, label}`. */
export function costWords({ cost_usd, calls, unpriced }) {
  const isUnknown = cost_usd === null || (calls > 0 && unpriced >= calls);
  if (isUnknown) return { text: "? $", label: `Cost unknown: no price for ${plural(calls, "call")}` };
  const label = `${knownMoney(cost_usd, calls, unpriced)} for ${plural(calls, "call")}`;
  if (unpriced === 0) return { text: money(cost_usd), label };
  return { text: `${money(cost_usd)} + ?`, label: `${label}, of which ${unpriced} unpriced` };
}

/** Fill the place on a card; nothing is shown for a task without calls. */
export function showCost(place, cost) {
  place.hidden = !cost?.calls;
  if (place.hidden) return;
  const { text, label } = costWords(cost);
  if (place.textContent !== text) place.textContent = text;
  place.title = label;
  place.setAttribute("aria-label", label);
}
