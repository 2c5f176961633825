/**
 * Which of the artefacts that tasks name are there, as the service last said it: taken from a snapshot, moved on by events.
 * Tells `change` (detail: Set of task ids, null for all).
 */
export class Evidence extends EventTarget {
  #byTask = new Map(); // task id → {total, present, empty, missing, unchanged, refused}

  /** Take the snapshot of the topic `tasks`; undefined where the service has none. */
  take(counts) {
    this.#byTask = new Map(Object.entries(counts ?? {}));
    this.#tell(null);
  }

  /** Apply events; those of other kinds are passed over. */
  apply(events) {
    const ids = new Set();
    for (const { type, evidence } of events) {
      if (type !== "evidence.update") continue;
      for (const [id, counts] of Object.entries(evidence)) {
        if (counts === null) this.#byTask.delete(id);
        else this.#byTask.set(id, counts);
        ids.add(id);
      }
    }
    if (ids.size > 0) this.#tell(ids);
  }

  /** The counts of a task; undefined if it names no artefacts, or nobody has looked yet. */
  ofTask(id) {
    return this.#byTask.get(id);
  }

  /** True if a task is done though artefacts that it names are missing. */
  isLacking({ id, lane }) {
    return lane === "done" && this.#byTask.get(id)?.missing > 0;
  }

  #tell(detail) {
    this.dispatchEvent(new CustomEvent("change", { detail }));
  }
}
