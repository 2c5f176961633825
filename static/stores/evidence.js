/**
 * Which claims of tasks were found, as the service last counted them. Announces `change` (detail: Set of task ids, null for
 * all).
 */
import { Store } from "./stores.js";

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
