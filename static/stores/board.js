/**
 * The tasks as the service last described them. `takeChanges` says what is different since the last call, for who draws them;
 * `revision` rises with each change; announces `task` (detail: the task) for each event about one, `snapshot` when all may be
 * different, and before the first one `preview`, when the cards at the top of each lane are known.
 */
import { moment } from "../lib/format.js";
import { Store } from "./stores.js";
import { TaskTable } from "./task-table.js";
/** @import {BoardChanges, DependencyState, Preview, ServiceEvent, SnapshotHead, Task, TaskEvent, TaskRecord} from "../lib/types.js" */
/** What other stores know of a task. @typedef {{isLacking?: (task: Task) => boolean, lastCall?: (id: string) => string | undefined}} Others */
/** @typedef {{epoch: string, seq: number, lanes: string[], staleAfter_ms: number, table: TaskTable}} Incoming */

export const LANES = ["inbox", "assigned", "done"];

/** @extends {Store<{task: Task, moved: {id: string, from: string, to: string}, preview: undefined, snapshot: undefined}>} */
export class Board extends Store {
  lanes = LANES;
  /** @type {string | null} */
  epoch = null;
  /** @type {number | null} */
  seq = null;
  /** How many cards each lane has, while only the first of them are known; null: all are, or none. @type {Record<string, number> | null} */
  counts = null;
  /** After so long without anything an assigned task is stale; 0: never. */
  staleAfter_ms = 0;
  /** True if a task is done though claims of it are missing. */
  isLacking;
  #lastCall;
  #table = new TaskTable();
  /** @type {Incoming | null} */
  #next = null; // what the snapshot that is being received has brought
  #changes = noChanges();

  /**
   * `isLacking(task)` says whether a task is done though claims of it are missing, `lastCall(id)` when its last call was.
   * @param {Others} [others]
   */
  constructor({ isLacking = () => false, lastCall = () => undefined } = {}) {
    super("tasks");
    this.isLacking = isLacking;
    this.#lastCall = lastCall;
  }

  /** Of each id the task of the file that leads. */
  get tasks() {
    return this.#table.tasks;
  }

  /** The cards by key. */
  get records() {
    return this.#table.records;
  }

  /**
   * The cards at the top of each lane are known.
   * @param {Preview} preview
   */
  preview({ counts, tasks }) {
    for (const task of tasks) this.#table.put(task);
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
  begin({ epoch, seq, counts = {}, stale_after_s: stale_s = 0 }) {
    const lanes = Object.keys(counts);
    this.#next = { epoch, seq, lanes: lanes.length ? lanes : LANES, staleAfter_ms: stale_s * 1000, table: new TaskTable() };
  }

  /**
   * A portion of it.
   * @param {Task[]} tasks
   */
  add(tasks) {
    for (const task of tasks) this.#next?.table.put(task);
  }

  /** It is complete: show it. */
  finish() {
    const { table, ...rest } = /** @type {Incoming} */ (this.#next);
    Object.assign(this, rest);
    this.#table = table;
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
    if (this.counts) return { total: 0, met: 0, open: 0, unknown: 0 };
    return this.#table.dependencyState(task);
  }

  /**
   * How many files have that id.
   * @param {string} id
   */
  filesWith(id) {
    return this.#table.filesWith(id);
  }

  /**
   * True if the task waits for another that is not done. A finished task waits for nothing.
   * @param {Task} task
   */
  isBlocked(task) {
    return task.lane !== "done" && task.dependencies.length > 0 && this.dependencyState(task).open > 0;
  }

  /**
   * Since when nothing is known to have happened to a card: `{since_ms, by}`, the last of its file's change, its arrival in the
   * lane, and its last call. Calls name an id: they belong to the file that leads.
   * @param {TaskRecord} record
   */
  quietSince({ id, isDuplicate, changed_at, here_at, isSeenToCome }) {
    const called_at = isDuplicate ? NaN : moment(this.#lastCall(id));
    const moved_at = isSeenToCome ? here_at : NaN;
    if (called_at > changed_at && !(moved_at > called_at)) return { since_ms: called_at, by: "then was its last call" };
    if (moved_at > changed_at) return { since_ms: moved_at, by: "then it came to its lane" };
    return { since_ms: changed_at, by: "then its file was changed" };
  }

  /**
   * True if a task is assigned and nothing has happened for longer than is set.
   * @param {TaskRecord} record
   */
  isStale(record, now_ms = Date.now()) {
    return this.staleAfter_ms > 0 && record.lane === "assigned" && now_ms - this.quietSince(record).since_ms >= this.staleAfter_ms;
  }

  /** @param {TaskEvent} event */
  #applyTask(event) {
    const { type, task, previous_key: before } = event;
    if (before) this.#remove(before);
    this.#remove(task.key);
    if (type !== "task.removed") {
      const { key, lane } = this.#table.put(task);
      this.#changes.changed.add(key);
      if (!saysOnlyThatOthersChanged(event)) this.#changes.fresh.set(key, type);
      if (!this.lanes.includes(lane)) this.lanes = [...this.lanes, lane];
    }
    for (const key of this.#table.dependentsOf(task.id)) this.#changes.stale.add(key);
  }

  /** @param {string} key */
  #remove(key) {
    if (this.#table.remove(key)) this.#changes.changed.add(key);
  }
}

/**
 * True for the event that follows one about another file with the same id.
 * @param {ServiceEvent} event
 */
export function saysOnlyThatOthersChanged(event) {
  return event.type === "task.updated" && event.changed?.length === 1 && event.changed[0] === "duplicates";
}

/** @returns {BoardChanges} */
function noChanges() {
  return { all: false, changed: new Set(), stale: new Set(), fresh: new Map(), seq: null };
}
