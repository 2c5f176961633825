/**
 * What has been spent, as the service last reported it. `revision` rises with the figures; announces `calls` when new calls
 * came in, `budget` (detail: the event), `tasks` (detail: Set of task ids, null for all), and `incomplete` when only another
 * snapshot can give the figures.
 *
 * `state` is "waiting" for the first snapshot, "off" by the settings, "unavailable" as long as the database is, or "known".
 */
import { Store } from "./stores.js";

export class Costs extends Store {
  state = "waiting";
  costs = null; // {today, month, total, unpriced_calls}: over the calls with a known cost
  calls = null; // {today, month, total}
  unpriced = null; // {today, month, total}: so many of the calls have no known cost
  tokens = null; // {today, month, total} of {input, output, cache_read, cache_write}
  coverage = null;
  forecast = null;
  budgets = [];
  timezone = null;
  version = 0; // rises with everything that the service reports by itself
  #byTask = new Map(); // task id → {cost_usd, calls, unpriced}

  constructor() {
    super("costs");
  }

  /** Take the snapshot of the topic: undefined where calls are not counted, null while the database cannot be read. */
  take(snapshot) {
    this.state = snapshot ? "known" : snapshot === null ? "unavailable" : "off";
    const { by_task, budgets, timezone, ...figures } = snapshot ?? {};
    this.#takeFigures(figures);
    this.budgets = budgets ?? [];
    this.timezone = timezone ?? null;
    this.#byTask = new Map(Object.entries(by_task ?? {}));
    this.emit("tasks", null);
    this.changed();
  }

  /** Apply one event; those of other topics are ignored. */
  apply(event) {
    if (event.type === "cost.update") this.#update(event);
    else if (event.type === "telemetry.update") this.emit("calls", event);
    else if (event.type === "cost.budget") this.#budget(event);
    // Snapshots have the tasks on the board; this one may have had calls before it came there.
    else if (event.type === "task.created" && this.calls?.total > 0 && !this.#byTask.has(event.task.id))
      this.emit("incomplete");
  }

  /**
   * Take an answer of /api/telemetry: it knows of a new day and of budgets that begin again, for which there is no event.
   * It is ignored if an event came since it was asked for, at `version`. Announces nothing.
   */
  correct({ costs, calls, unpriced, tokens, coverage, forecast, budgets }, version) {
    if (version !== this.version) return;
    Object.assign(this, { costs, calls, unpriced, tokens, coverage, forecast });
    const now = new Map(budgets.map((budget) => [budget.name, budget]));
    this.budgets = this.budgets.map((budget) => now.get(budget.name) ?? budget);
  }

  /** `{cost_usd, calls, unpriced}` of a task; undefined if it has no calls. */
  ofTask(id) {
    return this.#byTask.get(id);
  }

  #update({ by_task = {}, ...figures }) {
    if (this.state !== "known") return this.emit("incomplete");
    this.#takeFigures(figures);
    const ids = Object.keys(by_task);
    for (const id of ids) this.#byTask.set(id, by_task[id]);
    if (ids.length > 0) this.emit("tasks", new Set(ids));
    this.changed();
  }

  #budget(event) {
    const { budget } = event;
    this.version += 1;
    const isKnown = this.budgets.some(({ name }) => name === budget.name);
    this.budgets = isKnown
      ? this.budgets.map((known) => (known.name === budget.name ? budget : known))
      : [...this.budgets, budget];
    this.emit("budget", event);
    this.changed();
  }

  #takeFigures({ costs, calls, unpriced, tokens, coverage, forecast }) {
    this.version += 1;
    this.costs = costs ?? this.costs;
    this.calls = calls ?? this.calls;
    this.unpriced = unpriced ?? this.unpriced;
    this.tokens = tokens ?? this.tokens;
    this.coverage = coverage ?? this.coverage;
    this.forecast = forecast === undefined ? this.forecast : forecast;
  }
}
