/** The cards of a board by key, with what is looked up in them: the task that leads each id, its files, and who depends on it. */
import { recordOf } from "./records.js";
/** @import {DependencyState, Task, TaskRecord} from "../lib/types.js" */

const MOST_NAMED = 5;

export class TaskTable {
  /** Of each id the task of the file that leads. @type {Map<string, Task>} */
  tasks = new Map();
  /** By key. @type {Map<string, TaskRecord>} */
  records = new Map();
  /** @type {Map<string, Set<string>>} */
  #dependents = new Map(); // id → Set of the keys of the tasks that depend on it
  /** @type {Map<string, Set<string>>} */
  #files = new Map(); // id → Set of the keys of the files that have it

  /**
   * Add a task, or put it in the place of the one with its key.
   * @param {Task} task
   */
  put(task) {
    this.remove(task.key);
    const record = recordOf(task);
    if (!record.isDuplicate) this.tasks.set(task.id, task);
    this.records.set(task.key, record);
    add(this.#files, task.id, task.key);
    for (const id of task.dependencies) add(this.#dependents, id, task.key);
    return record;
  }

  /**
   * Take a card away; false if there is none.
   * @param {string} key
   */
  remove(key) {
    const record = this.records.get(key);
    if (!record) return false;
    const { id, task, isDuplicate } = record;
    if (!isDuplicate) this.tasks.delete(id);
    this.records.delete(key);
    this.#files.get(id)?.delete(key);
    for (const other of task.dependencies) this.#dependents.get(other)?.delete(key);
    return true;
  }

  /**
   * The keys of the tasks that depend on an id.
   * @param {string} id
   * @returns {Iterable<string>}
   */
  dependentsOf(id) {
    return this.#dependents.get(id) ?? [];
  }

  /**
   * How many files have that id.
   * @param {string} id
   */
  filesWith(id) {
    return this.#files.get(id)?.size ?? 0;
  }

  /**
   * What a task's dependencies look like from here.
   * @param {Task} task
   * @returns {DependencyState}
   */
  dependencyState(task) {
    /** @type {DependencyState} */
    const state = { total: task.dependencies.length, met: 0, open: 0, unknown: 0, blockers: [], missing: [] };
    for (const id of task.dependencies) {
      const other = this.tasks.get(id);
      if (other === undefined) {
        state.unknown += 1;
        if (state.missing.length < MOST_NAMED) state.missing.push(id);
      } else if (other.lane === "done") {
        state.met += 1;
      } else {
        state.open += 1;
        if (state.blockers.length < MOST_NAMED) state.blockers.push(other.title);
      }
    }
    return state;
  }
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
