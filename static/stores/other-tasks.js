/**
 * The tasks of other hosts, for the board: each host has a table of its own, so that ids of different hosts never meet. A task of
 * another host has `host`, the id of its observer, and a key that no task of this workspace can have.
 */
import { TaskTable } from "./task-table.js";
/** @import {EvidenceCounts, Task, TaskCost} from "../lib/types.js" */
/** @typedef {import("./hosts.js").HostChange} HostChange */

const MOST_LANES = 12; // names of lanes are those of other hosts: what is beyond is shown together
const FURTHER = "other";

export class OtherTasks {
  #hosts;
  #board;
  /** @type {Map<string, TaskTable>} */
  #tables = new Map();
  /** Of the snapshot that is being received: made as its rows come, so that no turn is long. @type {Map<string, TaskTable>} */
  #next = new Map();

  /**
   * @param {import("./hosts.js").Hosts} hosts
   * @param {import("./board.js").Board} board
   */
  constructor(hosts, board) {
    this.#hosts = hosts;
    this.#board = board;
    hosts.addEventListener("begin", () => (this.#next = new Map()));
    hosts.addEventListener("portion", ({ detail: rows }) => {
      for (const { observer, collection, key, value } of rows) if (collection === "tasks") this.#add(this.#next, observer, key, value);
    });
    hosts.addEventListener("forget", ({ detail: observer }) => {
      this.#tables.delete(observer);
      this.#board.replaceOthers(this);
    });
    hosts.addEventListener("change", ({ detail }) => this.#apply(detail));
  }

  /** The id of this host. */
  get self() {
    return this.#hosts.self;
  }

  /** How many cards there are. */
  get size() {
    return [...this.#tables.values()].reduce((sum, { records }) => sum + records.size, 0);
  }

  /** All cards. */
  *records() {
    for (const { records } of this.#tables.values()) yield* records.values();
  }

  /**
   * The card of a key; undefined if there is none.
   * @param {string} key
   */
  get(key) {
    return this.#tables.get(key.slice(1, key.indexOf("\n")))?.records.get(key);
  }

  /**
   * The tasks of a host.
   * @param {string} host
   */
  tableOf(host) {
    return this.#tables.get(host) ?? new TaskTable();
  }

  /**
   * What a task has cost.
   * @param {string} host
   * @param {string} id
   * @returns {TaskCost | undefined}
   */
  costOf(host, id) {
    return this.#hosts.get(host, "task_costs", id);
  }

  /**
   * What was found there of the files that a task claims.
   * @param {Task} task
   * @returns {EvidenceCounts | undefined}
   */
  evidenceOf({ host = "", key }) {
    return this.#hosts.get(host, "evidence", keyThere(key));
  }

  /**
   * These lanes, and those that only other hosts have.
   * @param {string[]} lanes
   */
  withLanes(lanes) {
    const all = new Set(lanes);
    for (const { lane } of this.records()) all.add(lane);
    return [...all];
  }

  /** @param {HostChange | null} change */
  #apply(change) {
    if (change === null) return this.#fill();
    const { observer, collection, keys } = change;
    if (collection === "tasks") this.#put(observer, keys);
    else if (collection === "evidence") this.#board.touchOthers([...keys].map((key) => keyHere(observer, key)), []);
    else if (collection === "task_costs") this.#board.touchOthers([...keys].map((id) => keyHere(observer, id)), []);
  }

  #fill() {
    this.#tables = this.#next;
    this.#board.replaceOthers(this);
  }

  /**
   * @param {string} observer
   * @param {Set<string>} keys
   */
  #put(observer, keys) {
    const changed = [];
    const stale = [];
    for (const key of keys) {
      const here = keyHere(observer, key);
      const task = this.#hosts.get(observer, "tasks", key);
      this.#tables.get(observer)?.remove(here);
      if (task) this.#add(this.#tables, observer, key, task);
      changed.push(here);
      if (task) stale.push(...this.tableOf(observer).dependentsOf(task.id));
    }
    this.#board.touchOthers(changed, stale);
  }

  /**
   * @param {Map<string, TaskTable>} tables
   * @param {string} observer
   * @param {string} key
   * @param {Task} value
   */
  #add(tables, observer, key, value) {
    if (typeof value?.lane !== "string") return;
    let table = tables.get(observer);
    if (!table) tables.set(observer, (table = new TaskTable()));
    const lane = this.#board.laneFor(value.lane, MOST_LANES, FURTHER);
    try {
      table.put({ ...value, lane, key: keyHere(observer, key), host: observer });
    } catch {
      // Its fields are not those of a task.
    }
  }
}

/**
 * @param {string} observer
 * @param {string} key
 */
function keyHere(observer, key) {
  return `\0${observer}\n${key}`;
}

/** @param {string} key */
function keyThere(key) {
  return key.slice(key.indexOf("\n") + 1);
}
