/** A row per model: calls, tokens, cost, how long calls take (half of them, and 95 of 100), how many go wrong. */
/** @import {Tokens} from "../../lib/types.js" */
/** @import {Model, Query} from "./types.js" */
import { define, one } from "../../lib/dom.js";
import { UNKNOWN, count, latency, money, percent, plural, sentenceCase, tokens } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { callsLink } from "./calls-link.js";
import { changeMark, costChange } from "./change.js";
import { NONE, keyName } from "./naming.js";
import { panel, showProblem } from "../../ui/panel.js";
import { Sorting, sortHead } from "../../ui/sorting.js";

const BAD_SHARE = 0.05;
/** @type {(keyof Tokens)[]} */
const KINDS = ["input", "output", "cache_read", "cache_write"];

/** The columns but for the bars, which are before the last. @type {{name: string, label: string, isNumber?: boolean, value: (model: Model) => string | number | null}[]} */
const COLUMNS = [
  { name: "model", label: "Model", value: ({ model }) => model },
  { name: "calls", label: "Calls", isNumber: true, value: ({ calls }) => calls },
  { name: "cost", label: "Cost", isNumber: true, value: ({ cost_usd }) => cost_usd },
  ...KINDS.map((kind) => ({ name: kind, label: sentenceCase(kind), isNumber: true, value: (/** @type {Model} */ { tokens: counted }) => counted[kind] })),
  { name: "p50", label: "p50", isNumber: true, value: ({ latency_p50_ms }) => latency_p50_ms },
  { name: "p95", label: "p95", isNumber: true, value: ({ latency_p95_ms }) => latency_p95_ms },
  { name: "errors", label: "Errors", isNumber: true, value: ({ error_share }) => error_share },
];

export class ModelTable extends HTMLElement {
  /** The present query, for links. @type {Query} */
  query = {};
  /** @type {Model[]} */
  #models = [];
  /** @type {Sorting<Model>} */
  #sorting = /** @type {any} */ (null); // until it is connected

  connectedCallback() {
    render(this, frame());
    const values = Object.fromEntries(COLUMNS.map(({ name, value }) => [name, value]));
    this.#sorting = new Sorting(this, values, () => this.#draw());
  }

  /** The models of the range, as the service reports them. @param {Model[]} models */
  set models(models) {
    showProblem(this, null);
    one(this, ".nothing").hidden = models.length > 0;
    one(this, ".table-box").hidden = models.length === 0;
    this.#models = models;
    this.#draw();
  }

  /** What went wrong when it was asked for. @param {Error} error */
  set problem(error) {
    showProblem(this, error);
  }

  #draw() {
    const slowest = Math.max(1, ...this.#models.map(({ latency_p95_ms }) => latency_p95_ms ?? 0));
    render(one(this, "tbody"), html`${this.#sorting.sorted(this.#models).map((model) => row(model, slowest, callsLink(this.query, { model: model.model ?? NONE })))}`);
  }
}

/** Make the element known. */
export function register() {
  define("model-table", ModelTable);
}

function frame() {
  const heads = COLUMNS.map(sortHead);
  return panel({
    name: "models",
    title: "Models",
    note: "Latency: half of the calls are done within p50, 95 of 100 within p95, accurate to 3 %.",
    body: html`<p class="nothing">No calls in this range.</p>
      <div class="table-box" tabindex="0" role="region" aria-label="Models" hidden><table class="figures models">
        <thead><tr>${heads.slice(0, -1)}<td></td>${heads.slice(-1)}</tr></thead>
        <tbody></tbody>
      </table></div>`,
  });
}

/**
 * @param {Model} model
 * @param {number} slowest
 * @param {string} href
 */
function row(model, slowest, href) {
  const { calls, cost_usd, unpriced, tokens: counted, latency_p50_ms: p50, latency_p95_ms: p95 } = model;
  return html`<tr data-testid="model-row">
    <th scope="row"><span class="cell-name">${keyName("model", model.model)}</span>${model.provider ? html`<span class="cell-more">${model.provider}</span>` : null}</th>
    <td><a href="${href}">${count(calls)}</a></td>
    <td><a href="${href}">${money(cost_usd)}</a>${model.before ? changeMark(costChange(model, model.before)) : null}${unpriced ? html`<span class="cell-more">${cost_usd === null ? "unpriced" : `+ ${unpriced} unpriced`}</span>` : null}</td>
    ${KINDS.map((kind) => html`<td>${tokens(counted[kind])}</td>`)}
    <td>${latency(p50)}</td>
    <td>${latency(p95)}</td>
    <td class="bar-cell">${bar(p50, p95, slowest)}</td>
    <td class="${(model.error_share ?? 0) > BAD_SHARE ? "is-bad" : ""}" title="${plural(model.errors, "error")}, ${plural(model.timeouts, "timeout")}">${model.errors + model.timeouts === 0 && calls > 0 ? "0 %" : percent(model.error_share)}</td>
  </tr>`;
}

/**
 * Decoration: the figures are beside it.
 * @param {number | null} p50
 * @param {number | null} p95
 * @param {number} slowest
 */
function bar(p50, p95, slowest) {
  if (p50 === null || p95 === null) return html`<span class="faint" aria-hidden="true">${UNKNOWN}</span>`;
  const at = (/** @type {number} */ length_ms) => Number(((length_ms / slowest) * 100).toFixed(1));
  return html`<svg class="latency-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="track" y="3" width="100" height="2"></rect>
    <rect class="p95" x="${at(p50)}" y="2" width="${Math.max(0.5, at(p95) - at(p50))}" height="4"></rect>
    <rect class="p50" y="1" width="${Math.max(0.5, at(p50))}" height="6"></rect>
  </svg>`;
}
