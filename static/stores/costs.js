/**
 * What has been spent, as the service last reported it. `revision` rises with the figures; announces `calls` when new calls
 * came in, `budget` (detail: the event), `tasks` (detail: Set of task ids, null for all), and `incomplete` when only another
 * snapshot can give the figures.
 *
 * `state` is "waiting" for the first snapshot, "off" by the settings, "unavailable" as long as the database is, or "known".
 */
import { Store } from "./stores.js";
/** @import {Budget, BudgetEvent, CallsEvent, CostEvent, CostFigures, CostSnapshot, CostSummary, CostSums, Coverage, Forecast, ServiceEvent, Spans, TaskCost, Tokens} from "../lib/types.js" */

/** @extends {Store<{calls: CallsEvent, budget: BudgetEvent, tasks: Set<string> | null, incomplete: undefined}>} */
export class Costs extends Store {
  /** @type {"waiting" | "off" | "unavailable" | "known"} */
  state = "waiting";
  /** @type {CostSums | null} */
  costs = null; // {today, month, total, unpriced_calls}: over the calls with a known cost
  /** @type {Spans<number> | null} */
  calls = null;
  /** @type {Spans<number> | null} */
  unpriced = null; // so many of the calls have no known cost
  /** @type {Spans<Tokens> | null} */
  tokens = null;
  /** @type {Coverage | null} */
  coverage = null;
  /** @type {Forecast | null} */
  forecast = null;
  /** @type {Budget[]} */
  budgets = [];
  /** @type {string | null} */
  timezone = null;
  version = 0; // rises with everything that the service reports by itself
  /** @type {Map<string, TaskCost>} */
  #byTask = new Map(); // by task id

  constructor() {
    super("costs");
  }

  /**
   * Take the snapshot of the topic: undefined where calls are not counted, null while the database cannot be read.
   * @param {CostSnapshot | null} [snapshot]
   */
  take(snapshot) {
    this.state = snapshot ? "known" : snapshot === null ? "unavailable" : "off";
    const { by_task, budgets, timezone, ...figures } = /** @type {Partial<CostSnapshot>} */ (snapshot ?? {});
    this.#takeFigures(figures);
    this.budgets = budgets ?? [];
    this.timezone = timezone ?? null;
    this.#byTask = new Map(Object.entries(by_task ?? {}));
    this.emit("tasks", null);
    this.changed();
  }

  /**
   * Apply one event; those of other topics are ignored.
   * @param {ServiceEvent} event
   */
  apply(event) {
    if (event.type === "cost.update") this.#update(event);
    else if (event.type === "telemetry.update") this.emit("calls", event);
    else if (event.type === "cost.budget") this.#budget(event);
    // Snapshots have the tasks on the board; this one may have had calls before it came there.
    else if (event.type === "task.created" && (this.calls?.total ?? 0) > 0 && !this.#byTask.has(event.task.id))
      this.emit("incomplete");
  }

  /**
   * Take an answer of /api/telemetry: it knows of a new day and of budgets that begin again, for which there is no event.
   * It is ignored if an event came since it was asked for, at `version`. Announces nothing.
   * @param {CostSummary} answer
   * @param {number} version
   */
  correct({ costs, calls, unpriced, tokens, coverage, forecast, budgets }, version) {
    if (version !== this.version) return;
    Object.assign(this, { costs, calls, unpriced, tokens, coverage, forecast });
    const now = new Map(budgets.map((budget) => [budget.name, budget]));
    this.budgets = this.budgets.map((budget) => now.get(budget.name) ?? budget);
  }

  /**
   * What a task has cost; undefined if it has no calls.
   * @param {string} id
   */
  ofTask(id) {
    return this.#byTask.get(id);
  }

  /** @param {CostEvent} event */
  #update({ by_task = {}, ...figures }) {
    if (this.state !== "known") return this.emit("incomplete");
    this.#takeFigures(figures);
    const ids = Object.keys(by_task);
    for (const id of ids) this.#byTask.set(id, by_task[id]);
    if (ids.length > 0) this.emit("tasks", new Set(ids));
    this.changed();
  }

  /** @param {BudgetEvent} event */
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

  /** @param {Partial<CostFigures>} figures */
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
