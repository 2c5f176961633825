/** What the month may come to: always labelled as a forecast, with its band and how it was made. */
/** @import {Forecast} from "../../lib/types.js" */
import { define } from "../../lib/dom.js";
import { money, plural, roundedRange } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";

const WIDTH = 200;
const MARGIN = 1.08; // of the highest figure, so that its end can be seen

export class CostForecast extends HTMLElement {
  /** @type {string | null} */
  #shown = null;

  connectedCallback() {
    this.dataset.testid = "forecast";
    this.show(null, null, 0);
  }

  /**
   * The service's forecast, null if it has none; what was spent this month, and how many calls have no known cost.
   * @param {Forecast | null} forecast
   * @param {number | null} spent_usd
   * @param {number} unpriced
   */
  show(forecast, spent_usd, unpriced) {
    const state = JSON.stringify([forecast, spent_usd, unpriced]);
    if (this.#shown === state) return;
    this.#shown = state;
    const isOpen = this.querySelector("details")?.open ?? false;
    render(this, forecast ? whole(forecast, spent_usd, unpriced) : none());
    this.querySelector("details")?.toggleAttribute("open", isOpen);
  }
}

/** Make the element known. */
export function register() {
  define("cost-forecast", CostForecast);
}

function none() {
  return html`<div class="tile forecast"><p class="tile-label">${tag()}</p>
    <p class="tile-amount"><span class="amount">—</span></p>
    <p class="tile-more">Not enough days with calls yet</p></div>`;
}

/**
 * @param {Forecast} forecast
 * @param {number | null} spent_usd
 * @param {number} unpriced
 */
function whole({ month_usd, low_usd, high_usd, days, method }, spent_usd, unpriced) {
  const [low, middle, high] = roundedRange(low_usd, month_usd, high_usd);
  return html`<div class="tile forecast" role="group" aria-label="Forecast for this month">
    <p class="tile-label">${tag()}</p>
    <p class="tile-amount"><span class="amount">≈ ${middle}</span></p>
    <p class="tile-more">${low === high ? null : `likely ${low} to ${high}`}</p>
    ${bar({ month_usd, low_usd, high_usd, spent_usd, middle })}
    <details class="tile-method"><summary>How is this estimated?</summary>
      <p>From ${plural(days, "day")}: ${method}.${unpriced ? ` ${plural(unpriced, "call")} without a known price: not in it.` : ""}</p></details>
  </div>`;
}

function tag() {
  return html`This month <span class="chip forecast-tag">forecast</span>`;
}

/** @param {Pick<Forecast, "month_usd" | "low_usd" | "high_usd"> & {spent_usd: number | null, middle: string}} figures */
function bar({ month_usd, low_usd, high_usd, spent_usd, middle }) {
  const most = Math.max(high_usd, spent_usd ?? 0) * MARGIN || 1;
  const at = (/** @type {number} */ usd) => ((Math.max(0, usd) / most) * WIDTH).toFixed(1);
  const label = `${money(spent_usd)} spent, about ${middle} expected`;
  return html`<svg class="forecast-bar" viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" role="img" aria-label="${label}">
    <rect class="track" y="3" width="${WIDTH}" height="4" rx="2"></rect>
    <rect class="band" x="${at(low_usd)}" y="1" width="${at(high_usd - low_usd)}" height="8" rx="1"></rect>
    <rect class="spent" y="3" width="${at(spent_usd ?? 0)}" height="4" rx="2"></rect>
    <rect class="expected" x="${Math.max(0, Number(at(month_usd)) - 1)}" width="2" height="10"></rect>
  </svg>`;
}
