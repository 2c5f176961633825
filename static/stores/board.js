/**
 * The tasks as the service last described them. `takeChanges` says what is different since the last call, for who draws them;
 * `revision` rises with each change; announces `task` (detail: the task) for each event about one, `snapshot` when all may be
 * different, and before the first one `preview`, when the cards at the top of each lane are known.
 */
import { moment } from "../lib/format.js";
import { Store } from "./stores.js";
import { TaskTable } from "./task-table.js";
/** @import {BoardChanges, DependencyState, Preview, ServiceEvent, SnapshotHead, Task, TaskCost, TaskEvent, TaskRecord} from "../lib/types.js" */
/** What other stores know of a task. @typedef {{isLacking?: (task: Task) => boolean, lastCall?: (id: string) => string | undefined, costOf?: (id: string) => TaskCost | undefined}} Others */
/** @typedef {Pick<Map<string, TaskRecord>, "get" | "has" | "size"> & {values: () => Iterable<TaskRecord>}} Cards */
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
  #isLacking;
  #lastCall;
  #costOf;
  #table = new TaskTable();
  /** The tasks of other hosts; null while there are none. @type {import("./other-tasks.js").OtherTasks | null} */
  others = null;
  /** @type {Incoming | null} */
  #next = null; // what the snapshot that is being received has brought
  #changes = noChanges();

  /**
   * `isLacking(task)` says whether a task is done though claims of it are missing, `lastCall(id)` when its last call was,
   * `costOf(id)` what its calls have cost.
   * @param {Others} [others]
   */
  constructor({ isLacking = () => false, lastCall = () => undefined, costOf = () => undefined } = {}) {
    super("tasks");
    this.#isLacking = isLacking;
    this.#lastCall = lastCall;
    this.#costOf = costOf;
  }

  /** Of each id the task of the file that leads. */
  get tasks() {
    return this.#table.tasks;
  }

  /** The cards by key, with those of other hosts. @returns {Cards} */
  get records() {
    const { others } = this;
    const { records } = this.#table;
    if (others === null) return records;
    return {
      size: records.size + others.size,
      get: (key) => records.get(key) ?? others.get(key),
      has: (key) => records.has(key) || others.get(key) !== undefined,
      *values() {
        yield* records.values();
        yield* others.records();
      },
    };
  }

  /**
   * All that is known of other hosts is different.
   * @param {import("./other-tasks.js").OtherTasks} others
   */
  replaceOthers(others) {
    this.others = others;
    this.lanes = others.withLanes(this.lanes);
    this.#changes.all = true;
    this.changed();
  }

  /**
   * Cards of other hosts have changed, or what they depend on (`stale`).
   * @param {string[]} changed
   * @param {string[]} stale
   */
  touchOthers(changed, stale) {
    for (const key of changed) this.#changes.changed.add(key);
    for (const key of stale) this.#changes.stale.add(key);
    this.changed();
  }

  /**
   * The lane in which a card of another host is shown: its own, or a further one where there are so many already.
   * @param {string} lane
   * @param {number} most
   * @param {string} further
   */
  laneFor(lane, most, further) {
    const name = this.lanes.includes(lane) || this.lanes.length < most ? lane : further;
    if (!this.lanes.includes(name)) this.lanes = [...this.lanes, name];
    return name;
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
    if (this.others) this.lanes = this.others.withLanes(this.lanes);
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
    if (this.counts) return { total: 0, met: 0, open: 0, unknown: 0, blockers: [], missing: [] };
    return this.#tableOf(task.host).dependencyState(task);
  }

  /**
   * The keys of the tasks that depend on an id.
   * @param {string} id
   */
  dependentsOf(id) {
    return this.#table.dependentsOf(id);
  }

  /**
   * What a card has cost; undefined if it has no calls. Calls name an id: they belong to the file that leads.
   * @param {TaskRecord} record
   */
  costOf({ id, isDuplicate, host }) {
    if (isDuplicate) return undefined;
    return host === undefined ? this.#costOf(id) : this.others?.costOf(host, id);
  }

  /**
   * How many files of its host have the id of a card.
   * @param {TaskRecord} record
   */
  filesWith({ id, host }) {
    return this.#tableOf(host).filesWith(id);
  }

  /**
   * The host of a card, where there are several.
   * @param {TaskRecord} record
   */
  hostOf({ host }) {
    return host ?? this.others?.self ?? "";
  }

  /** @param {string | undefined} host */
  #tableOf(host) {
    return (host === undefined ? null : this.others?.tableOf(host)) ?? this.#table;
  }

  /**
   * True if a task is done though claims of it are missing.
   * @param {Task} task
   */
  isLacking(task) {
    if (task.host === undefined) return this.#isLacking(task);
    return task.lane === "done" && (this.others?.evidenceOf(task)?.missing ?? 0) > 0;
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
  quietSince({ id, isDuplicate, host, changed_at, here_at, isSeenToCome }) {
    const lastCall = host === undefined ? this.#lastCall(id) : this.others?.costOf(host, id)?.last_at;
    const called_at = isDuplicate ? NaN : moment(lastCall);
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
