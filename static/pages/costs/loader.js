/** Asks the service for what the costs page shows, and hands it to the parts. */
/** @import {Costs} from "../../stores/costs.js" */
/** @import {CostsPage} from "./costs-page.js" */
/** @import {By, Parts, Query} from "./types.js" */
/** @import {Later} from "./later-parts.js" */
/** @typedef {"range-figures" | "week-map" | "cache-use" | "done-tasks" | "cost-trend" | "model-share" | "cost-totals" | "calls-table"} Place */
import { CostsQuery } from "./costs-query.js";
import { LATER } from "./later-parts.js";
import { BY, NONE } from "./naming.js";
import { Requests } from "./requests.js";

const SERIES = 8;
const TOTALS = 50;
const CHOICES = 200;
const CALLS_PER_PAGE = 50;
const DONE_TASKS = 50;
const LIVE = ["summary", "range", "trends", "models", "totals", "calls", "sources"];
const ALL = [...LIVE, "choices"];
/** @type {Record<string, Place | undefined>} */
const PLACES = { range: "range-figures", week: "week-map", cache: "cache-use", done: "done-tasks", trends: "cost-trend", models: "model-share", totals: "cost-totals", calls: "calls-table" };

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
  /** Those of the later parts that are loaded. @type {Set<Later>} */
  #begun = new Set();
  /** @type {Query} */
  #query = {};

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
    add("range", 3_000, (signal) => this.#range(signal));
    add("week", 5_000, (signal) => this.#week(signal));
    add("cache", 5_000, (signal) => this.#cache(signal));
    add("done", 5_000, (signal) => this.#done(signal));
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
    this.#query = query;
    if (isNew) this.#asked = {};
    const { name, from, to, bucket, buckets, before } = this.#asks.range;
    const { compare } = this.#asks;
    this.#one("costs-toolbar").choice = { name, from, to, zone, query, isCompared: before === null ? null : compare !== null };
    this.#one("range-figures").query = query;
    this.#one("cost-trend").query = query;
    this.#one("cost-totals").query = query;
    this.#one("cost-trend").choice = { by: this.#asks.by, bucket, buckets };
    this.#one("cost-totals").choice = this.#asks.of;
    this.#one("calls-table").filters.select(this.#asks.filters, zone);
    const { sort, order } = this.#asks.order;
    this.#one("calls-table").order = { sort, isDown: order !== "asc" };
    const days = [zone, name, query.from, query.to];
    const wanted = {
      range: [compare, days],
      trends: [this.#asks.by, bucket, compare, days],
      models: [compare, days],
      totals: [this.#asks.of, compare, days],
      ...this.#later(days),
      calls: [this.#asks.filters, this.#asks.order, days],
    };
    for (const [name, what] of Object.entries(wanted)) {
      const text = JSON.stringify(what);
      if (this.#asked[name] === text) continue;
      this.#asked[name] = text;
      if (name === "calls") this.#one("calls-table").selection = this.#asks.selection;
      this.#requests.ask(name);
    }
    if (isNew) this.#requests.ask("summary", "sources", "choices");
  }

  /** A later part is there: ask for what it shows. @param {Later} name */
  begin(name) {
    this.#begun.add(name);
    delete this.#asked[name]; // the models may have been asked for already, for their shares
    if (this.#zone !== null) this.want(this.#query, this.#zone, false);
  }

  /**
   * What the later parts ask for, as far as they are loaded.
   * @param {unknown} days
   */
  #later(days) {
    const { compare } = this.#asks;
    const { bucket } = this.#asks.range;
    const wanted = { week: [days], cache: [bucket, compare, days], done: [compare, days] };
    for (const name of this.#begun) {
      const part = /** @type {HTMLElement & {query: Query}} */ (this.#one(LATER[name].tag));
      part.query = this.#query;
    }
    if (this.#begun.has("week")) this.#one("week-map").choice = this.#query["show-week"];
    return Object.fromEntries(Object.entries(wanted).filter(([name]) => this.#begun.has(/** @type {Later} */ (name))));
  }

  /** Calls came in: what they change is asked for again, in time. */
  refresh() {
    const isOnFirstPage = this.#one("calls-table").cursor === null;
    const parts = [...new Set([...ALL, ...this.#begun])];
    this.#requests.refresh(...parts.filter((name) => name !== "calls" || isOnFirstPage));
  }

  /** Another page of calls is wanted. */
  turnPage() {
    this.#requests.ask("calls");
  }

  /** Fulfilled when what was asked for is there, or that of some parts. @param {string[]} names */
  settled(...names) {
    return this.#requests.settled(...names);
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

  get #compared() {
    return { compare: this.#asks.compare, ...this.#asks.days };
  }

  /** @param {AbortSignal} signal */
  async #range(signal) {
    const answer = await this.#load.getRange(this.#compared, signal);
    if (!signal.aborted) this.#one("range-figures").show(answer, this.#zone);
  }

  /** @param {AbortSignal} signal */
  async #week(signal) {
    const week = await this.#load.getWeek(this.#asks.days, signal);
    if (!signal.aborted) this.#one("week-map").week = week;
  }

  /** @param {AbortSignal} signal */
  async #cache(signal) {
    const answer = await this.#load.getCache({ bucket: this.#asks.range.bucket, ...this.#compared }, signal);
    if (!signal.aborted) this.#one("cache-use").answer = answer;
  }

  /** @param {AbortSignal} signal */
  async #done(signal) {
    const answer = await this.#load.getDone({ limit: DONE_TASKS, ...this.#compared }, signal);
    if (!signal.aborted) this.#one("done-tasks").answer = answer;
  }

  /** @param {AbortSignal} signal */
  async #trends(signal) {
    const { bucket } = this.#asks.range;
    const chosen = this.#asks.by;
    const by = chosen === "none" ? null : chosen;
    const trends = await this.#load.getTrends({ bucket, by, top: SERIES, ...this.#compared }, signal);
    if (signal.aborted) return;
    this.#one("cost-trend").trends = trends;
    this.#one("token-trend").trends = trends;
  }

  /** @param {AbortSignal} signal */
  async #models(signal) {
    const { models } = await this.#load.getModels(this.#compared, signal);
    if (signal.aborted) return;
    this.#one("model-share").models = models;
    if (this.#begun.has("models")) this.#one("model-table").models = models;
  }

  /** @param {AbortSignal} signal */
  async #totals(signal) {
    const by = this.#asks.of;
    const totals = await this.#load.getTotals({ by, limit: TOTALS, ...this.#compared }, signal);
    if (!signal.aborted) this.#one("cost-totals").totals = totals;
  }

  /** @param {AbortSignal} signal */
  async #calls(signal) {
    const table = this.#one("calls-table");
    const wanted = { ...this.#asks.selection, ...this.#asks.order, limit: CALLS_PER_PAGE, cursor: table.cursor };
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
