/**
 * What has been spent, as the service last said it: taken from a snapshot, moved on by events. Tells `change` for the
 * figures, `calls` when new calls came in, `budget` (detail: the event), `tasks` (detail: Set of task ids, null for all),
 * and `incomplete` when only another snapshot can say how things stand.
 *
 * `state` is "waiting" for the first snapshot, "off" by the settings, "unavailable" as long as the database is, or "known".
 */
export class Costs extends EventTarget {
  state = "waiting";
  costs = null; // {today, month, total, unpriced_calls}: over the calls with a known cost
  calls = null; // {today, month, total}
  unpriced = null; // {today, month, total}: so many of the calls have no known cost
  tokens = null; // {today, month, total} of {input, output, cache_read, cache_write}
  coverage = null;
  forecast = null;
  budgets = [];
  timezone = null;
  version = 0; // grows with everything that the service tells by itself
  #byTask = new Map(); // task id → {cost_usd, calls, unpriced}

  /** Take the snapshot of the topic: undefined where calls are not counted, null while the database cannot be read. */
  take(snapshot) {
    this.state = snapshot ? "known" : snapshot === null ? "unavailable" : "off";
    const { by_task, budgets, timezone, ...figures } = snapshot ?? {};
    this.#take(figures);
    this.budgets = budgets ?? [];
    this.timezone = timezone ?? null;
    this.#byTask = new Map(Object.entries(by_task ?? {}));
    this.#tell("tasks", null);
    this.#tell("change");
  }

  /** Apply events; those of other topics are passed over. */
  apply(events) {
    for (const event of events) {
      if (event.type === "cost.update") this.#update(event);
      else if (event.type === "telemetry.update") this.#tell("calls", event);
      else if (event.type === "cost.budget") this.#budget(event);
      // Snapshots tell of the tasks on the board; this one may have had calls before it came there.
      else if (event.type === "task.created" && this.calls?.total > 0 && !this.#byTask.has(event.task.id))
        this.#tell("incomplete");
    }
  }

  /**
   * Take an answer of /api/telemetry: it knows of a day that has begun and of budgets that go on, of which no event tells.
   * It is passed over if something was told since it was asked for, at `version`. Tells nothing.
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
    if (this.state !== "known") return this.#tell("incomplete");
    this.#take(figures);
    const ids = Object.keys(by_task);
    for (const id of ids) this.#byTask.set(id, by_task[id]);
    if (ids.length > 0) this.#tell("tasks", new Set(ids));
    this.#tell("change");
  }

  #budget(event) {
    const { budget } = event;
    this.version += 1;
    const isKnown = this.budgets.some(({ name }) => name === budget.name);
    this.budgets = isKnown
      ? this.budgets.map((known) => (known.name === budget.name ? budget : known))
      : [...this.budgets, budget];
    this.#tell("budget", event);
    this.#tell("change");
  }

  #take({ costs, calls, unpriced, tokens, coverage, forecast }) {
    this.version += 1;
    this.costs = costs ?? this.costs;
    this.calls = calls ?? this.calls;
    this.unpriced = unpriced ?? this.unpriced;
    this.tokens = tokens ?? this.tokens;
    this.coverage = coverage ?? this.coverage;
    this.forecast = forecast === undefined ? this.forecast : forecast;
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
