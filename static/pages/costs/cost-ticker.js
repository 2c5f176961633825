/** What was spent today, this month and altogether, live; beside it what is not known of it. */
/** @import {CostFigures} from "../../lib/types.js" */
import { define, one } from "../../lib/dom.js";
import { allTokens, knownUsd, money, plural, tokens } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { CountUp } from "../../ui/count-up.js";

/** @type {{name: "today" | "month" | "total", label: string}[]} */
const TILES = [
  { name: "today", label: "Today" },
  { name: "month", label: "This month" },
  { name: "total", label: "Total" },
];

const RANGE_OF = { today: "today", month: "month", total: "all" };

export class CostTicker extends HTMLElement {
  /** @type {Record<string, CountUp<number | null | undefined>>} */
  #amounts = {};

  connectedCallback() {
    render(this, frame());
    for (const { name } of TILES) this.#amounts[name] = new CountUp(one(this.#tile(name), ".amount"), money);
  }

  /**
   * `{costs, calls, tokens, unpriced}`, each `{today, month, total}`; what is not there is unknown.
   * @param {{[N in "costs" | "calls" | "tokens" | "unpriced"]: CostFigures[N] | null}} figures
   */
  set figures({ costs, calls, tokens: counted, unpriced }) {
    for (const { name } of TILES) {
      const tile = this.#tile(name);
      this.#amounts[name].show(knownUsd(costs?.[name], calls?.[name] ?? 0, unpriced?.[name] ?? 0));
      write(one(tile, ".calls"), calls ? plural(calls[name], "call") : "");
      write(one(tile, ".tokens"), counted ? `${tokens(allTokens(counted[name]))} tokens` : "");
      const mark = one(tile, ".unpriced");
      mark.hidden = !unpriced?.[name];
      write(mark, `+ ${unpriced?.[name]} unpriced`);
      mark.title = `${plural(unpriced?.[name] ?? 0, "call")} without a known price: what they cost is not in the amount`;
    }
  }

  /** @param {string} name */
  #tile(name) {
    return one(this, `[data-tile="${name}"]`);
  }
}

/** Make the element known. */
export function register() {
  define("cost-ticker", CostTicker);
}

/**
 * @param {Element} place
 * @param {string} text
 */
function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function frame() {
  const calls = (/** @type {"today" | "month" | "total"} */ name) => address({ page: "costs", query: { range: RANGE_OF[name], show: "calls" } });
  return html`${TILES.map(
    ({ name, label }) =>
      html`<div class="tile" role="group" aria-label="${label}" data-tile="${name}" data-testid="cost-${name}">
        <p class="tile-label">${label}<span class="chip warning unpriced" hidden></span></p>
        <p class="tile-amount"><a class="amount" href="${address({ page: "costs", query: { range: RANGE_OF[name] } })}" title="This range below">—</a></p>
        <p class="tile-more"><a class="calls" data-testid="ticker-calls-${name}" href="${calls(name)}"></a><a class="tokens" href="${calls(name)}"></a></p>
      </div>`,
  )}`;
}
