/** Asks the service for what the costs page shows, and hands it to the parts. */
/** @import {Costs} from "../../stores/costs.js" */
/** @import {CostsPage} from "./costs-page.js" */
/** @import {By, Parts, Query} from "./types.js" */
import { CostsQuery } from "./costs-query.js";
import { BY, NONE } from "./naming.js";
import { Requests } from "./requests.js";

const SERIES = 8;
const TOTALS = 50;
const CHOICES = 200;
const CALLS_PER_PAGE = 50;
const LIVE = ["summary", "trends", "models", "totals", "calls", "sources"];
const ALL = [...LIVE, "choices"];
/** @type {Record<string, "cost-trend" | "model-table" | "cost-totals" | "calls-table" | undefined>} */
const PLACES = { trends: "cost-trend", models: "model-table", totals: "cost-totals", calls: "calls-table" };

export class Loader {
  #page;
  #load;
  #costs;
  #requests;
  /** @type {string | null} */
  #zone = null;
  #asks = new CostsQuery({}, null);
  /** @type {Record<string, string>} */
  #asked = {}; // part → the JSON of what it last asked for

  /**
   * `load` has the requests of api.js, `costs` are the live figures.
   * @param {CostsPage} page
   * @param {{load: typeof import("./api.js"), costs: Costs, isSeen: () => boolean}} from
   */
  constructor(page, { load, costs, isSeen }) {
    this.#page = page;
    this.#load = load;
    this.#costs = costs;
    this.#requests = new Requests(isSeen);
    /** @type {(name: string, every_ms: number, ask: (signal: AbortSignal) => Promise<void>) => void} */
    const add = (name, every_ms, ask) =>
      this.#requests.add(name, every_ms, (signal) => this.#guarded(name, ask, signal));
    add("summary", 1_000, (signal) => this.#summary(signal));
    add("trends", 3_000, (signal) => this.#trends(signal));
    add("models", 3_000, (signal) => this.#models(signal));
    add("totals", 3_000, (signal) => this.#totals(signal));
    add("calls", 1_500, (signal) => this.#calls(signal));
    add("sources", 3_000, (signal) => this.#sources(signal));
    add("choices", 30_000, (signal) => this.#choices(signal));
  }

  /**
   * What the address asks for; what it changes is asked for at once, `isNew`: everything.
   * @param {Query} query
   * @param {string | null} zone
   * @param {boolean} isNew
   */
  want(query, zone, isNew) {
    this.#asks = new CostsQuery(query, zone);
    this.#zone = zone;
    if (isNew) this.#asked = {};
    const { name, from, to, bucket, buckets } = this.#asks.range;
    this.#one("costs-toolbar").choice = { name, from, to, zone };
    this.#one("cost-trend").choice = { by: this.#asks.by, bucket, buckets };
    this.#one("cost-totals").choice = this.#asks.of;
    this.#one("calls-table").filters.selected = this.#asks.filters;
    const { sort, order } = this.#asks.order;
    this.#one("calls-table").order = { sort, isDown: order !== "asc" };
    const days = [zone, name, query.from, query.to];
    const wanted = {
      trends: [this.#asks.by, bucket, days],
      models: [days],
      totals: [this.#asks.of, days],
      calls: [this.#asks.filters, this.#asks.order, days],
    };
    for (const [name, what] of Object.entries(wanted)) {
      const text = JSON.stringify(what);
      if (this.#asked[name] === text) continue;
      this.#asked[name] = text;
      if (name === "calls") this.#one("calls-table").selection = { ...this.#asks.filters, ...this.#asks.days };
      this.#requests.ask(name);
    }
    if (isNew) this.#requests.ask("summary", "sources", "choices");
  }

  /** Calls came in: what they change is asked for again, in time. */
  refresh() {
    const isOnFirstPage = this.#one("calls-table").cursor === null;
    this.#requests.refresh(...ALL.filter((name) => name !== "calls" || isOnFirstPage));
  }

  /** Another page of calls is wanted. */
  turnPage() {
    this.#requests.ask("calls");
  }

  /** Fulfilled when what was asked for is there. */
  settled() {
    return this.#requests.settled();
  }

  /**
   * @param {string} name
   * @param {(signal: AbortSignal) => Promise<void>} ask
   * @param {AbortSignal} signal
   */
  async #guarded(name, ask, signal) {
    try {
      await ask(signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#one(PLACES[name] ?? "cost-sources").problem = /** @type {Error} */ (error);
    }
  }

  /** @param {AbortSignal} signal */
  async #summary(signal) {
    const { version } = this.#costs;
    const summary = await this.#load.getSummary(signal);
    if (signal.aborted) return;
    this.#costs.correct(summary, version);
    this.#page.summary = summary;
  }

  /** @param {AbortSignal} signal */
  async #trends(signal) {
    const { bucket } = this.#asks.range;
    const chosen = this.#asks.by;
    const by = chosen === "none" ? null : chosen;
    const trends = await this.#load.getTrends({ bucket, by, top: SERIES, ...this.#asks.days }, signal);
    if (signal.aborted) return;
    this.#one("cost-trend").trends = trends;
    this.#one("token-trend").trends = trends;
  }

  /** @param {AbortSignal} signal */
  async #models(signal) {
    const { models } = await this.#load.getModels(this.#asks.days, signal);
    if (signal.aborted) return;
    this.#one("model-share").models = models;
    this.#one("model-table").models = models;
  }

  /** @param {AbortSignal} signal */
  async #totals(signal) {
    const by = this.#asks.of;
    const totals = await this.#load.getTotals({ by, limit: TOTALS, ...this.#asks.days }, signal);
    if (!signal.aborted) this.#one("cost-totals").totals = totals;
  }

  /** @param {AbortSignal} signal */
  async #calls(signal) {
    const table = this.#one("calls-table");
    const wanted = { ...this.#asks.filters, ...this.#asks.order, ...this.#asks.days, limit: CALLS_PER_PAGE, cursor: table.cursor };
    const answer = await this.#load.getCalls(wanted, signal);
    if (!signal.aborted) table.show(answer, this.#zone);
  }

  /** @param {AbortSignal} signal */
  async #sources(signal) {
    const { sources } = await this.#load.getSources(signal);
    if (!signal.aborted) this.#one("cost-sources").sources = sources;
  }

  /** @param {AbortSignal} signal */
  async #choices(signal) {
    const answers = await Promise.all(BY.map((by) => this.#load.getTotals({ by, limit: CHOICES }, signal)));
    if (signal.aborted) return;
    const keysAt = (/** @type {number} */ index) => answers[index].totals.map(({ key }) => key ?? NONE);
    this.#one("calls-table").filters.choices = Object.fromEntries(BY.map((by, index) => [by, keysAt(index)]));
  }

  /**
   * @template {keyof Parts} N
   * @param {N} name
   */
  #one(name) {
    return this.#page.child(name);
  }
}
