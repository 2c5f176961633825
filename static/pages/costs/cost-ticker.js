/** What was spent today, this month and altogether, live; beside it what is not known of it. */
import { define } from "../../lib/dom.js";
import { allTokens, knownUsd, money, plural, tokens } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { CountUp } from "../../ui/count-up.js";

const TILES = [
  { name: "today", label: "Today" },
  { name: "month", label: "This month" },
  { name: "total", label: "Total" },
];

export class CostTicker extends HTMLElement {
  #amounts = {};

  connectedCallback() {
    render(this, frame());
    for (const { name } of TILES) this.#amounts[name] = new CountUp(this.#tile(name).querySelector(".amount"), money);
  }

  /** `{costs, calls, tokens, unpriced}`, each `{today, month, total}`; what is not there is unknown. */
  set figures({ costs, calls, tokens: counted, unpriced }) {
    for (const { name } of TILES) {
      const tile = this.#tile(name);
      this.#amounts[name].show(knownUsd(costs?.[name], calls?.[name], unpriced?.[name]));
      write(tile.querySelector(".calls"), calls ? plural(calls[name], "call") : "");
      write(tile.querySelector(".tokens"), counted ? `${tokens(allTokens(counted[name]))} tokens` : "");
      const mark = tile.querySelector(".unpriced");
      mark.hidden = !unpriced?.[name];
      write(mark, `+ ${unpriced?.[name]} unpriced`);
      mark.title = `${plural(unpriced?.[name] ?? 0, "call")} without a known price: what they cost is not in the amount`;
    }
  }

  #tile(name) {
    return this.querySelector(`[data-tile="${name}"]`);
  }
}

/** Make the element known. */
export function register() {
  define("cost-ticker", CostTicker);
}

function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function frame() {
  return html`${TILES.map(
    ({ name, label }) =>
      html`<div class="tile" role="group" aria-label="${label}" data-tile="${name}" data-testid="cost-${name}">
        <p class="tile-label">${label}<span class="chip warning unpriced" hidden></span></p>
        <p class="tile-amount"><span class="amount">—</span></p>
        <p class="tile-more"><span class="calls" data-testid="ticker-calls-${name}"></span><span class="tokens"></span></p>
      </div>`,
  )}`;
}
