/**
 * The latest pipelines as the service last described them: the first page of the list. `revision` rises with each snapshot;
 * announces `row` (detail: the pipeline) for each that was reported, `removed` (detail: its id), and `reset` after
 * a snapshot, since when anything may have changed.
 */
import { Store } from "./stores.js";
/** @import {Pipeline, PipelinesSnapshot, ServiceEvent} from "../lib/types.js" */

/** @extends {Store<{row: Pipeline, removed: string, reset: undefined}>} */
export class Pipelines extends Store {
  isKnown = false; // false too where the service has no pipelines
  isAsked = false; // a snapshot has come, so that "not known" means that there is nothing to know
  /** The first page; null while it is not known. @type {PipelinesSnapshot | null} */
  first = null;

  constructor() {
    super("pipelines");
  }

  /**
   * Take the snapshot of the topic; undefined where the service has none.
   * @param {PipelinesSnapshot} [snapshot]
   */
  take(snapshot) {
    this.isAsked = true;
    this.isKnown = Boolean(snapshot);
    this.first = snapshot ?? null;
    this.emit("reset");
    this.changed();
  }

  /**
   * Apply one event; those of other topics are ignored.
   * @param {ServiceEvent} event
   */
  apply(event) {
    if (event.type === "pipeline.updated" || event.type === "pipeline.finished") {
      this.#keepFirst(event.pipeline.id, event.pipeline);
      this.emit("row", event.pipeline);
    } else if (event.type === "pipeline.removed") {
      this.#keepFirst(event.id, null);
      this.emit("removed", event.id);
    }
  }

  /**
   * The first page is forgotten when others may be on it.
   * @param {string} id
   * @param {Pipeline | null} pipeline
   */
  #keepFirst(id, pipeline) {
    const { first } = this;
    if (first === null) return;
    const before = first.rows.find((row) => row.id === id);
    const isThere = pipeline !== null && before?.status === pipeline.status && before.created_at === pipeline.created_at;
    this.first = isThere ? { ...first, rows: first.rows.map((row) => (row.id === id ? pipeline : row)) } : null;
  }
}
