/** The budgets with what is spent of each, and the switch for desktop notifications. Emits `notify-change`. */
/** @import {Budget} from "../../lib/types.js" */
/** @import {Notifying} from "./types.js" */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { showNotifying } from "../../lib/notifications.js";
import { html, render } from "../../lib/html.js";
import { money, percent } from "../../lib/format.js";
import { address } from "../../lib/router.js";
import { listenForCopy } from "../../ui/copy-button.js";
import { panel } from "../../ui/panel.js";
import { snippet } from "../../ui/snippet.js";
import { LEVELS, scopeOf } from "./budgets.js";

const WARN = 0.8;
const WIDTH = 400;
const EXAMPLE = `budgets:
  - name: "Everything, by day"
    period: day
    limit_usd: 20
  - name: "Ada, by month"
    period: month
    agent: ada
    limit_usd: 150
`;

export class CostBudgets extends HTMLElement {
  /** @type {string | null} */
  #shown = null;

  connectedCallback() {
    render(
      this,
      panel({ name: "budgets", title: "Budgets", controls: toggle(), body: html`<div class="budgets"></div>` }),
    );
    delegate(this, "click", ".notify", () => emit(this, "notify-change"));
    listenForCopy(this);
  }

  /** The budgets, as the service reports them. @param {Budget[]} budgets */
  set budgets(budgets) {
    const state = JSON.stringify(budgets);
    if (this.#shown === state) return;
    this.#shown = state;
    this.toggleAttribute("data-none", budgets.length === 0);
    render(one(this, ".budgets"), budgets.length ? html`<ul>${budgets.map(row)}</ul>` : none());
  }

  /** Whether notifications are "on", "off", "denied" by the browser, or "missing" in it. @param {Notifying} state */
  set notifications(state) {
    showNotifying(one(this, ".notify"), state);
  }
}

/** Make the element known. */
export function register() {
  define("cost-budgets", CostBudgets);
}

function toggle() {
  return html`<button type="button" class="button notify" data-testid="notify" aria-pressed="false"></button>`;
}

function none() {
  return html`<details class="fold" data-testid="no-budgets"><summary>No budgets are set: add one</summary>
    <div class="fold-body"><p>A budget warns at 80 % and alerts at 100 %: here, by an event, and by a webhook if it names one.</p>${snippet("llm-service.yaml", EXAMPLE, "budgets")}</div></details>`;
}

/** @param {Budget} budget */
function row(budget) {
  const { name, level, share, spent_usd, limit_usd, period, unpriced_calls, stop_runs } = budget;
  const { label } = LEVELS[level];
  // Nothing known to be spent, but calls of unknown cost: that is not $0.00.
  const isUnknown = spent_usd === 0 && unpriced_calls > 0;
  const text = isUnknown ? `— of ${money(limit_usd)}` : `${money(spent_usd)} of ${money(limit_usd)}, ${percent(share)}`;
  return html`<li class="budget" data-level="${level}" data-testid="budget">
    <p class="budget-head"><strong>${name}</strong><span class="faint">${scopeOf(budget)}, per ${period}</span>
      <span class="chip level" data-level="${level}">${label}</span></p>
    ${bar(share, `${name}: ${text}`)}
    <p class="budget-text"><a class="figure-link" href="${callsOf(budget)}" title="The calls that it counts">${text}</a>
      ${unpriced_calls ? html`<span class="chip warning">+ ${unpriced_calls} unpriced</span>` : null}
      ${stop_runs ? html`<span class="faint">Stops the runs that it covers</span>` : null}</p>
  </li>`;
}

/** The address of the calls of its present day or month. @param {Budget} budget */
function callsOf({ scope, subject, period }) {
  const named = scope === "all" ? {} : { [scope]: subject };
  return address({ page: "costs", query: { range: period === "day" ? "today" : "month", ...named, show: "calls" } });
}

// The scale ends where the spending does, and at the limit at least, so that both marks are always to be seen.
/**
 * @param {number | null} share
 * @param {string} label
 */
function bar(share, label) {
  const most = Math.max(1.06, (share ?? 0) * 1.04);
  const at = (/** @type {number} */ part) => ((part / most) * WIDTH).toFixed(1);
  return html`<svg class="budget-bar" viewBox="0 0 ${WIDTH} 14" preserveAspectRatio="none" role="img" aria-label="${label}">
    <rect class="track" y="4" width="${WIDTH}" height="6" rx="3"></rect>
    <rect class="spent" y="4" width="${at(Math.max(0, share ?? 0))}" height="6" rx="3"></rect>
    <rect class="mark" x="${at(WARN)}" y="1" width="1.5" height="12"></rect>
    <rect class="mark limit" x="${at(1)}" y="0" width="2" height="14"></rect>
  </svg>`;
}
