/**
 * The plans as the service last described them. `revision` rises with each change of a row; announces `plan` (detail: its name)
 * when one was read anew, `task` (detail: the event) when a task of one has changed, `run` when an orchestrator began or ended.
 */
import { Store } from "./stores.js";
/** @import {PlanRow, PlanRunEvent, PlanStatus, PlanTaskEvent, ServiceEvent} from "../lib/types.js" */

/** Those that the list can be limited to. @typedef {PlanStatus | "running"} PlanFilter */
/** @typedef {Record<PlanFilter | "all", number>} PlanCounts */

/** @extends {Store<{plan: string, run: string, task: PlanTaskEvent, reset: undefined}>} */
export class Plans extends Store {
  isKnown = false; // false too where the service has no plans
  isAsked = false; // a snapshot has come, so that "not known" means that there is nothing to know
  /** @type {Map<string, PlanRow>} */
  plans = new Map(); // by name
  #isChanged = false;

  constructor() {
    super("plans");
  }

  /**
   * Take the snapshot of the topic; undefined where the service has none.
   * @param {PlanRow[]} [rows]
   */
  take(rows) {
    this.isAsked = true;
    this.isKnown = Array.isArray(rows);
    this.plans = new Map((rows ?? []).map((row) => [row.name, row]));
    this.emit("reset");
    this.changed();
  }

  /**
   * Apply one event; those of other topics are ignored.
   * @param {ServiceEvent} event
   */
  apply(event) {
    switch (event.type) {
      case "plan.updated":
        this.plans.set(event.plan, event.data);
        this.#isChanged = true;
        return this.emit("plan", event.plan);
      case "plan.removed":
        this.#isChanged = this.plans.delete(event.plan) || this.#isChanged;
        return;
      case "plan.task_changed":
        return this.emit("task", event);
      case "plan.started":
      case "plan.stopped":
        return this.#run(event);
    }
  }

  flush() {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    this.changed();
  }

  /**
   * The plans that pass a filter: those that run first, then those with something to do, the latest change first.
   * @param {string} [filter]
   */
  list(filter) {
    return [...this.plans.values()].filter((row) => passes(row, filter)).sort(latestFirst);
  }

  /** How many pass each filter. @returns {PlanCounts} */
  get counts() {
    const counts = { all: 0, running: 0, in_progress: 0, pending: 0, failed: 0, completed: 0 };
    for (const row of this.plans.values()) {
      counts.all += 1;
      counts[row.status] += 1;
      if (isRunning(row)) counts.running += 1;
    }
    return counts;
  }

  /** @param {PlanRunEvent} event */
  #run({ plan, type, orchestrator }) {
    this.emit("run", plan);
    const row = this.plans.get(plan);
    if (!row) return;
    const running = type === "plan.started";
    this.plans.set(plan, { ...row, orchestrator: { running, pid: running ? (orchestrator?.pid ?? null) : null } });
    this.#isChanged = true;
  }
}

/** True if its orchestrator is known to run. @param {PlanRow} row */
export const isRunning = ({ orchestrator }) => orchestrator?.running === true;

/** @param {PlanRow} row @param {string | undefined} filter */
function passes(row, filter) {
  return !filter || (filter === "running" ? isRunning(row) : row.status === filter);
}

const ORDER = ["in_progress", "failed", "pending", "completed"];

/** @param {PlanRow} a @param {PlanRow} b */
function latestFirst(a, b) {
  const byRunning = Number(isRunning(b)) - Number(isRunning(a));
  const byStatus = ORDER.indexOf(a.status) - ORDER.indexOf(b.status);
  if (byRunning || byStatus) return byRunning || byStatus;
  const [one, other] = [a.lastUpdatedAt ?? "", b.lastUpdatedAt ?? ""];
  return one < other ? 1 : one > other ? -1 : a.name < b.name ? -1 : 1;
}
