/**
 * Which claims of tasks were found, as the service last counted them. Announces `change` (detail: Set of keys of tasks, null
 * for all).
 */
import { Store } from "./stores.js";
/** @import {EvidenceCounts, ServiceEvent, Task} from "../lib/types.js" */

/** @extends {Store<{change: Set<string> | null}>} */
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
