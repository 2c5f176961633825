/**
 * The tasks as the service last described them. `takeChanges` says what is different since the last call, for who draws them;
 * `revision` rises with each change; announces `task` (detail: the task) for each event about one, and `snapshot` when all may
 * be different.
 */
import { recordsOf } from "./records.js";
import { Store } from "./stores.js";
/** @import {BoardChanges, DependencyState, EvidenceCounts, ServiceEvent, SnapshotHead, Task, TaskEvent, TaskRecord} from "../lib/types.js" */

export const LANES = ["inbox", "assigned", "done"];

/** @extends {Store<{task: Task, snapshot: undefined}>} */
export class Board extends Store {
  /** @type {Map<string, Task>} */
  tasks = new Map(); // by id
  /** @type {Map<string, TaskRecord>} */
  records = new Map(); // by key
  lanes = LANES;
  /** @type {string | null} */
  epoch = null;
  /** @type {number | null} */
  seq = null;
  /** True if a task is done though claims of it are missing. */
  isLacking;
  /** @type {Map<string, Set<string>>} */
  #dependents = new Map(); // id → Set of the ids that depend on it
  /** @type {Board | null} */
  #next = null; // the board of the snapshot that is being received
  #changes = noChanges();

  /**
   * `isLacking(task)` says whether a task is done though claims of it are missing.
   * @param {(task: Task) => boolean} [isLacking]
   */
  constructor(isLacking = () => false) {
    super("tasks");
    this.isLacking = isLacking;
  }

  /**
   * A snapshot is coming; the present board stays until it is complete. The work is spread over several short turns.
   * @param {SnapshotHead} head
   */
  begin({ epoch, seq, counts = {} }) {
    const lanes = Object.keys(counts);
    this.#next = Object.assign(new Board(), { epoch, seq, lanes: lanes.length ? lanes : LANES });
  }

  /**
   * A portion of it.
   * @param {Task[]} tasks
   */
  add(tasks) {
    const next = /** @type {Board} */ (this.#next);
    for (const task of tasks) next.#put(task, recordsOf(task));
  }

  /** It is complete: show it. */
  finish() {
    const next = /** @type {Board} */ (this.#next);
    const { tasks, records, lanes, epoch, seq } = next;
    Object.assign(this, { tasks, records, lanes, epoch, seq });
    this.#dependents = next.#dependents;
    this.#next = null;
    this.#changes = { ...noChanges(), all: true };
    this.emit("snapshot");
    this.changed();
  }

  /**
   * Apply one event; those that are not about tasks only advance the number.
   * @param {ServiceEvent} event
   */
  apply(event) {
    this.seq = event.seq;
    this.#changes.seq = event.seq;
    if (!event.type.startsWith("task.")) return;
    const about = /** @type {TaskEvent} */ (event);
    this.#applyTask(about);
    this.emit("task", about.task);
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

  /**
   * What a task's dependencies look like from here.
   * @param {Task} task
   * @returns {DependencyState}
   */
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

  /**
   * True if the task waits for another that is not done. A finished task waits for nothing.
   * @param {Task} task
   */
  isBlocked(task) {
    return task.lane !== "done" && task.dependencies.length > 0 && this.dependencyState(task).open > 0;
  }

  /** @param {TaskEvent} event */
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

  /**
   * @param {Task} task
   * @param {TaskRecord[]} records
   */
  #put(task, records) {
    this.tasks.set(task.id, task);
    for (const record of records) this.records.set(record.key, record);
    for (const id of task.dependencies) {
      const dependents = this.#dependents.get(id);
      if (dependents) dependents.add(task.id);
      else this.#dependents.set(id, new Set([task.id]));
    }
  }

  /** @param {string} id */
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
 * @extends {Store<{change: Set<string> | null}>}
 */
export class Evidence extends Store {
  /** @type {Map<string, EvidenceCounts>} */
  #byTask = new Map(); // by task id
  /** @type {Set<string>} */
  #changed = new Set(); // ids since the last flush

  constructor() {
    super("evidence");
  }

  /**
   * Take the counts of a snapshot by task; undefined where the service has none.
   * @param {Record<string, EvidenceCounts>} [counts]
   */
  take(counts) {
    this.#byTask = new Map(Object.entries(counts ?? {}));
    this.#changed.clear();
    this.emit("change", null);
  }

  /**
   * Apply one event; those of other kinds are ignored.
   * @param {ServiceEvent} event
   */
  apply(event) {
    if (event.type !== "evidence.update") return;
    for (const [id, counts] of Object.entries(event.evidence)) {
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

  /**
   * The counts of a task; undefined if it has no claims, or they were not checked yet.
   * @param {string} id
   */
  ofTask(id) {
    return this.#byTask.get(id);
  }

  /**
   * True if a task is done though claims of it are missing.
   * @param {Task} task
   */
  isLacking({ id, lane }) {
    return lane === "done" && (this.#byTask.get(id)?.missing ?? 0) > 0;
  }
}

/** @returns {BoardChanges} */
function noChanges() {
  return { all: false, changed: new Set(), stale: new Set(), fresh: new Map(), seq: null };
}
