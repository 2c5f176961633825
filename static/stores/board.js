/**
 * The tasks as the service last described them. `takeChanges` says what is different since the last call, for who draws them;
 * `revision` rises with each change; announces `task` (detail: the task) for each event about one, and `snapshot` when all may
 * be different.
 */
import { recordsOf } from "./records.js";
import { Store } from "./stores.js";

export const LANES = ["inbox", "assigned", "done"];

export class Board extends Store {
  tasks = new Map(); // id → task summary
  records = new Map(); // key → record
  lanes = LANES;
  epoch = null;
  seq = null;
  /** True if a task is done though claims of it are missing. */
  isLacking;
  #dependents = new Map(); // id → Set of the ids that depend on it
  #next = null; // the board of the snapshot that is being received
  #changes = noChanges();

  /** `isLacking(task)` says whether a task is done though claims of it are missing. */
  constructor(isLacking = () => false) {
    super("tasks");
    this.isLacking = isLacking;
  }

  /** A snapshot is coming; the present board stays until it is complete. The work is spread over several short turns. */
  begin({ epoch, seq, counts = {} }) {
    const lanes = Object.keys(counts);
    this.#next = Object.assign(new Board(), { epoch, seq, lanes: lanes.length ? lanes : LANES });
  }

  /** A portion of it. */
  add(tasks) {
    for (const task of tasks) this.#next.#put(task, recordsOf(task));
  }

  /** It is complete: show it. */
  finish() {
    const { tasks, records, lanes, epoch, seq } = this.#next;
    Object.assign(this, { tasks, records, lanes, epoch, seq });
    this.#dependents = this.#next.#dependents;
    this.#next = null;
    this.#changes = { ...noChanges(), all: true };
    this.emit("snapshot");
    this.changed();
  }

  /** Apply one event; those that are not about tasks only advance the number. */
  apply(event) {
    this.seq = event.seq;
    this.#changes.seq = event.seq;
    if (!event.type.startsWith("task.")) return;
    this.#applyTask(event);
    this.emit("task", event.task);
  }

  /** Announce what the last events have changed. */
  flush() {
    const { changed, stale } = this.#changes;
    if (changed.size > 0 || stale.size > 0) this.changed();
  }

  /** `{all, changed: Set of keys, stale: Set of keys, fresh: Map key → event type}`, and begin anew. */
  takeChanges() {
    const changes = this.#changes;
    this.#changes = noChanges();
    return changes;
  }

  /** What a task's dependencies look like from here: `{total, met, open, unknown}`. */
  dependencyState(task) {
    const state = { total: task.dependencies.length, met: 0, open: 0, unknown: 0 };
    for (const id of task.dependencies) {
      const lane = this.tasks.get(id)?.lane;
      if (lane === undefined) state.unknown += 1;
      else if (lane === "done") state.met += 1;
      else state.open += 1;
    }
    return state;
  }

  /** True if the task waits for another that is not done. A finished task waits for nothing. */
  isBlocked(task) {
    return task.lane !== "done" && task.dependencies.length > 0 && this.dependencyState(task).open > 0;
  }

  #applyTask({ type, task }) {
    this.#remove(task.id);
    if (type !== "task.removed") {
      const records = recordsOf(task);
      this.#put(task, records);
      for (const record of records) {
        this.#changes.changed.add(record.key);
        this.#changes.fresh.set(record.key, type);
        if (!this.lanes.includes(record.lane)) this.lanes = [...this.lanes, record.lane];
      }
    }
    for (const id of this.#dependents.get(task.id) ?? []) this.#changes.stale.add(id);
  }

  #put(task, records) {
    this.tasks.set(task.id, task);
    for (const record of records) this.records.set(record.key, record);
    for (const id of task.dependencies) {
      if (!this.#dependents.has(id)) this.#dependents.set(id, new Set());
      this.#dependents.get(id).add(task.id);
    }
  }

  #remove(id) {
    const old = this.tasks.get(id);
    if (!old) return;
    this.tasks.delete(id);
    for (const key of [id, ...old.duplicates.map((place) => `${id}\n${place.path}`)]) {
      this.records.delete(key);
      this.#changes.changed.add(key);
    }
    for (const other of old.dependencies) this.#dependents.get(other)?.delete(id);
  }
}

/**
 * Which claims of tasks were found, as the service last counted them. Announces `change` (detail: Set of task ids, null for
 * all).
 */
export class Evidence extends Store {
  #byTask = new Map(); // task id → {total, present, empty, missing, unchanged, refused}
  #changed = new Set(); // ids since the last flush

  constructor() {
    super("evidence");
  }

  /** Take the counts of a snapshot by task; undefined where the service has none. */
  take(counts) {
    this.#byTask = new Map(Object.entries(counts ?? {}));
    this.#changed.clear();
    this.emit("change", null);
  }

  /** Apply one event; those of other kinds are ignored. */
  apply({ type, evidence }) {
    if (type !== "evidence.update") return;
    for (const [id, counts] of Object.entries(evidence)) {
      if (counts === null) this.#byTask.delete(id);
      else this.#byTask.set(id, counts);
      this.#changed.add(id);
    }
  }

  flush() {
    if (this.#changed.size === 0) return;
    const ids = this.#changed;
    this.#changed = new Set();
    this.emit("change", ids);
  }

  /** The counts of a task; undefined if it has no claims, or they were not checked yet. */
  ofTask(id) {
    return this.#byTask.get(id);
  }

  /** True if a task is done though claims of it are missing. */
  isLacking({ id, lane }) {
    return lane === "done" && this.#byTask.get(id)?.missing > 0;
  }
}

function noChanges() {
  return { all: false, changed: new Set(), stale: new Set(), fresh: new Map(), seq: null };
}
