/**
 * The tasks as the service last described them. `takeChanges` says what is different since the last call, for who draws them;
 * `revision` rises with each change; announces `task` (detail: the task) for each event about one, `snapshot` when all may be
 * different, and before the first one `preview`, when the cards at the top of each lane are known.
 */
import { recordOf } from "./records.js";
import { Store } from "./stores.js";
/** @import {BoardChanges, DependencyState, EvidenceCounts, Preview, ServiceEvent, SnapshotHead, Task, TaskEvent, TaskRecord} from "../lib/types.js" */

export const LANES = ["inbox", "assigned", "done"];

/** @extends {Store<{task: Task, moved: {id: string, from: string, to: string}, preview: undefined, snapshot: undefined}>} */
export class Board extends Store {
  /** Of each id the task of the file that leads. @type {Map<string, Task>} */
  tasks = new Map();
  /** @type {Map<string, TaskRecord>} */
  records = new Map(); // by key
  lanes = LANES;
  /** @type {string | null} */
  epoch = null;
  /** @type {number | null} */
  seq = null;
  /** How many cards each lane has, while only the first of them are known; null: all are, or none. @type {Record<string, number> | null} */
  counts = null;
  /** True if a task is done though claims of it are missing. */
  isLacking;
  /** @type {Map<string, Set<string>>} */
  #dependents = new Map(); // id → Set of the keys of the tasks that depend on it
  /** @type {Map<string, Set<string>>} */
  #files = new Map(); // id → Set of the keys of the files that have it
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
   * The cards at the top of each lane are known.
   * @param {Preview} preview
   */
  preview({ counts, tasks }) {
    for (const task of tasks) this.#put(task);
    this.counts = counts;
    this.lanes = Object.keys(counts);
    this.#changes.all = true;
    this.emit("preview");
    this.changed();
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
    for (const task of tasks) next.#put(task);
  }

  /** It is complete: show it. */
  finish() {
    const next = /** @type {Board} */ (this.#next);
    const { tasks, records, lanes, epoch, seq } = next;
    Object.assign(this, { tasks, records, lanes, epoch, seq });
    this.#dependents = next.#dependents;
    this.#files = next.#files;
    this.#next = this.counts = null;
    this.#changes = { ...noChanges(), all: true };
    this.emit("snapshot");
    this.changed();
  }

  /**
   * Apply one event; those that are not about tasks only advance the number. A task whose file moved announces `moved`
   * (detail: `{id, from, to}`, paths).
   * @param {ServiceEvent} event
   */
  apply(event) {
    this.seq = event.seq;
    this.#changes.seq = event.seq;
    if (!event.type.startsWith("task.")) return;
    const about = /** @type {TaskEvent} */ (event);
    this.#applyTask(about);
    if (about.previous_path) this.emit("moved", { id: about.task.id, from: about.previous_path, to: about.path });
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
   * What a task's dependencies look like from here; of none, while not all cards are known.
   * @param {Task} task
   * @returns {DependencyState}
   */
  dependencyState(task) {
    const dependencies = this.counts ? [] : task.dependencies;
    const state = { total: dependencies.length, met: 0, open: 0, unknown: 0 };
    for (const id of dependencies) {
      const lane = this.tasks.get(id)?.lane;
      if (lane === undefined) state.unknown += 1;
      else if (lane === "done") state.met += 1;
      else state.open += 1;
    }
    return state;
  }

  /**
   * How many files have that id.
   * @param {string} id
   */
  filesWith(id) {
    return this.#files.get(id)?.size ?? 0;
  }

  /**
   * True if the task waits for another that is not done. A finished task waits for nothing.
   * @param {Task} task
   */
  isBlocked(task) {
    return task.lane !== "done" && task.dependencies.length > 0 && this.dependencyState(task).open > 0;
  }

  /** @param {TaskEvent} event */
  #applyTask(event) {
    const { type, task, previous_key: before } = event;
    if (before) this.#remove(before);
    this.#remove(task.key);
    if (type !== "task.removed") {
      const { key, lane } = this.#put(task);
      this.#changes.changed.add(key);
      if (!saysOnlyThatOthersChanged(event)) this.#changes.fresh.set(key, type);
      if (!this.lanes.includes(lane)) this.lanes = [...this.lanes, lane];
    }
    for (const key of this.#dependents.get(task.id) ?? []) this.#changes.stale.add(key);
  }

  /** @param {Task} task */
  #put(task) {
    const record = recordOf(task);
    if (!record.isDuplicate) this.tasks.set(task.id, task);
    this.records.set(task.key, record);
    add(this.#files, task.id, task.key);
    for (const id of task.dependencies) add(this.#dependents, id, task.key);
    return record;
  }

  /** @param {string} key */
  #remove(key) {
    const record = this.records.get(key);
    if (!record) return;
    const { id, task, isDuplicate } = record;
    if (!isDuplicate) this.tasks.delete(id);
    this.records.delete(key);
    this.#changes.changed.add(key);
    this.#files.get(id)?.delete(key);
    for (const other of task.dependencies) this.#dependents.get(other)?.delete(key);
  }
}

/**
 * Which claims of tasks were found, as the service last counted them. Announces `change` (detail: Set of keys of tasks, null
 * for all).
 * @extends {Store<{change: Set<string> | null}>}
 */
export class Evidence extends Store {
  /** @type {Map<string, EvidenceCounts>} */
  #byTask = new Map(); // by key of the task
  /** @type {Set<string>} */
  #changed = new Set(); // keys since the last flush

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
    for (const [key, counts] of Object.entries(event.evidence)) {
      if (counts === null) this.#byTask.delete(key);
      else this.#byTask.set(key, counts);
      this.#changed.add(key);
    }
  }

  flush() {
    if (this.#changed.size === 0) return;
    const keys = this.#changed;
    this.#changed = new Set();
    this.emit("change", keys);
  }

  /**
   * The counts of a task; undefined if it has no claims, or they were not checked yet.
   * @param {string} key
   */
  ofTask(key) {
    return this.#byTask.get(key);
  }

  /**
   * True if a task is done though claims of it are missing.
   * @param {Task} task
   */
  isLacking({ key, lane }) {
    return lane === "done" && (this.#byTask.get(key)?.missing ?? 0) > 0;
  }
}

/**
 * True for the event that follows one about another file with the same id.
 * @param {ServiceEvent} event
 */
export function saysOnlyThatOthersChanged(event) {
  return event.type === "task.updated" && event.changed?.length === 1 && event.changed[0] === "duplicates";
}

/**
 * @param {Map<string, Set<string>>} sets
 * @param {string} name
 * @param {string} value
 */
function add(sets, name, value) {
  const set = sets.get(name);
  if (set) set.add(value);
  else sets.set(name, new Set([value]));
}

/** @returns {BoardChanges} */
function noChanges() {
  return { all: false, changed: new Set(), stale: new Set(), fresh: new Map(), seq: null };
}
