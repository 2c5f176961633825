/** The page of costs: the live figures, and what the service is asked for while it is shown. */
/** @import {Board} from "../../stores/board.js" */
/** @import {Costs} from "../../stores/costs.js" */
/** @import {CostSummary, Dashboard} from "../../lib/types.js" */
/** @import {Parts, Query} from "./types.js" */
import { define, delegate, one } from "../../lib/dom.js";
import { returns } from "../../lib/lazy.js";
import { effect, oncePerFrame } from "../../lib/signals.js";
import * as api from "./api.js";
import { render } from "../../lib/html.js";
import { knownUsd } from "../../lib/format.js";
import * as callsFilters from "./calls-filters.js";
import * as callsTable from "./calls-table.js";
import * as costBudgets from "./cost-budgets.js";
import * as costCoverage from "./cost-coverage.js";
import * as costForecast from "./cost-forecast.js";
import * as costSources from "./cost-sources.js";
import * as costTicker from "./cost-ticker.js";
import * as costTotals from "./cost-totals.js";
import * as costTrend from "./cost-trend.js";
import { frame } from "./costs-frame.js";
import * as costsToolbar from "./costs-toolbar.js";
import * as rangeFigures from "./range-figures.js";
import { loadWhenNear } from "./later-parts.js";
import * as modelShare from "./model-share.js";
import * as tokenTrend from "./token-trend.js";
import { Loader } from "./loader.js";
import { notifications, toggleNotifications } from "../../lib/notifications.js";

export const tag = "costs-page";

/** What is asked for the upper part of the page: it is shown when all of that is there, so that nothing moves while it comes. */
const FIRST = ["summary", "range", "trends", "models", "totals"];
const DAY_BEGINS_MS = 60_000; // a new day without calls is noticed this late at most

export class CostsPage extends HTMLElement {
  /** @type {Costs} */
  #costs = /** @type {any} */ (null); // until it is set up
  /** @type {Loader} */
  #loader = /** @type {any} */ (null);
  /** @type {CostSummary | null} */
  #summary = null; // the last answer of /api/telemetry
  /** @type {Query} */
  #query = {};
  #isShown = false;
  /** @type {() => Promise<unknown>} */
  #loadAll = () => Promise.resolve();
  #isAsking = false; // the service counts calls, and was asked for what this page shows
  /** @type {string | null | undefined} */
  #jumped = null; // the part that the address last led to
  #draw = oncePerFrame(() => this.#drawFigures());

  /** Join it to the stores and the service. @param {Dashboard} dashboard */
  setUp({ stores }) {
    const costs = /** @type {Costs} */ (stores.get("costs"));
    const board = /** @type {Board} */ (stores.get("tasks"));
    this.#costs = costs;
    this.#frame((id) => board.tasks.get(id));
    this.#loader = new Loader(this, { load: api, costs, isSeen: () => this.#isShown });
    setInterval(() => this.#isAsking && this.#loader.refresh(), DAY_BEGINS_MS);
    effect(() => {
      costs.revision.value;
      this.#changed();
    });
    effect(() => {
      if (returns.value > 0 && this.#isAsking) this.#loader.refresh();
    });
    costs.addEventListener("calls", () => this.#loader.refresh());
    this.addEventListener("calls-page", () => this.#loader.turnPage());
    this.addEventListener("notify-change", async () => (this.#budgets.notifications = await toggleNotifications()));
    this.#budgets.notifications = notifications();
    this.#loadAll = loadWhenNear(this, (name) => this.#loader.begin(name));
    this.addEventListener("zoom-out", () => this.child("costs-toolbar").zoomOut());
    this.addEventListener("to-calls", () => this.#jumpToCalls());
    delegate(this, "click", 'a[href*="show=calls"]', (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey) this.#jumpToCalls();
    });
    delegate(this, "click", "[data-jump]", (event, /** @type {HTMLElement} */ { dataset }) => {
      event.preventDefault();
      this.#jump(dataset.jump ?? "");
    });
  }

  /** Show what a query asks for: range, grouping, filters. @param {{query: Query}} route */
  show({ query }) {
    this.#query = query;
    this.#isShown = true;
    this.#draw();
    if (this.#costs.state !== "known") return;
    const isNew = !this.#isAsking;
    this.#isAsking = true;
    this.#loader.want(query, this.#costs.timezone, isNew);
    if (isNew) this.#loader.settled(...FIRST).then(() => one(this, ".costs").removeAttribute("data-loading"));
    const { show } = query;
    if (show && (isNew || show !== this.#jumped)) this.#loader.settled().then(() => this.#jump(show));
    this.#jumped = show;
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#isShown = this.#isAsking = false;
  }

  /** The last answer of /api/telemetry. @param {CostSummary} summary */
  set summary(summary) {
    this.#summary = summary;
    this.#draw();
  }

  /**
   * A part of the page by the name of its element.
   * @template {keyof Parts} N
   * @param {N} name
   * @returns {Parts[N]}
   */
  child(name) {
    return one(this, name);
  }

  get #budgets() {
    return this.child("cost-budgets");
  }

  /** @param {import("./cost-totals.js").CostTotals["lookUp"]} lookUp */
  #frame(lookUp) {
    render(this, frame());
    this.child("cost-totals").lookUp = lookUp;
  }

  #changed() {
    if (!this.#isShown) return;
    if (this.#isAsking) this.#loader.refresh();
    else this.show({ query: this.#query });
    this.#draw();
  }

  #drawFigures() {
    const { state, costs, calls, unpriced, tokens, coverage, forecast, budgets } = this.#costs;
    const isEmpty = coverage?.calls === 0;
    const isKnown = state === "known";
    one(this, ".costs-connecting").hidden = state !== "waiting";
    one(this, ".costs-off").hidden = state !== "off";
    one(this, ".costs-unavailable").hidden = state !== "unavailable";
    one(this, ".costs-none").hidden = !isKnown || !isEmpty;
    one(this, ".costs-all").hidden = !isKnown || isEmpty;
    this.child("cost-sources").hidden = !isKnown;
    this.child("cost-sources").isAlone = isEmpty;
    this.child("cost-ticker").figures = { costs, calls, unpriced, tokens };
    const unpriced_month = unpriced?.month ?? 0;
    const spent_usd = knownUsd(costs?.month, calls?.month ?? 0, unpriced_month);
    this.child("cost-forecast").show(forecast, spent_usd, unpriced_month);
    this.child("cost-budgets").budgets = budgets;
    this.child("cost-coverage").figures = {
      coverage,
      flagged: this.#summary?.flagged,
      problems: this.#summary?.problems ?? 0,
    };
  }

  /** When the address that is followed now is shown; it may be the one that is shown already. */
  #jumpToCalls() {
    setTimeout(() => this.#loader.settled().then(() => this.#jump("calls")));
  }

  /** @param {string} name */
  async #jump(name) {
    await this.#loadAll();
    await this.#loader.settled();
    const title = this.querySelector(`#${CSS.escape(name)}-title`);
    title?.closest("section")?.scrollIntoView({ block: "start" });
  }
}

/** Make the elements of the page known. */
export function register() {
  // What is inside of others comes first.
  for (const part of [callsFilters, callsTable, costBudgets, costCoverage, costForecast, costSources, costTicker]) part.register();
  for (const part of [costTotals, rangeFigures, costTrend, costsToolbar, modelShare, tokenTrend]) part.register();
  define(tag, CostsPage);
}
