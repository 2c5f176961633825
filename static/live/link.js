/**
 * Joins the connection's worker to the stores. Events are applied as they come, also in a hidden tab; drawing is up to those
 * who read the stores.
 */
import { startWorker } from "../lib/html.js";
import { returns } from "../lib/lazy.js";
import { nextTurn, signal } from "../lib/signals.js";
import { readPreview, readSnapshot } from "./opening.js";
/** @import {ConnectionStatus, Degraded, Opening, Position, ServiceEvent, WorkerMessage} from "../lib/types.js" */

const AWAY = new Set(["connecting", "reconnecting", "offline"]);
const WORKER_AGAIN_MS = 2_000;
/** @type {ConnectionStatus} */
const STARTING = { state: "connecting", position: null, loading: null, latency_ms: null, heard_at: null };

export class Link {
  /** The last status of the connection: see `#status` of connection.js. */
  status = signal(STARTING);
  /** What does not work as it should: `[{root, mode, reason}]`. */
  degraded = signal(/** @type {Degraded[]} */ ([]));
  #stores;
  /** @type {Worker | null} */
  #worker = null;
  /** What the worker starts with; undefined: not known yet. @type {Position | null | undefined} */
  #begin = undefined;
  /** The events since the first snapshot, while that is being read. @type {ServiceEvent[] | null} */
  #late = null;
  /** The status as the connection knows it: in sync, though the page may not be. @type {ConnectionStatus | null} */
  #latest = null;

  /** @param {import("../stores/stores.js").Stores} stores */
  constructor(stores) {
    this.#stores = stores;
  }

  /** Connect; from now on the stores follow the service. */
  start() {
    this.#startWorker();
    this.#open();
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    document.addEventListener("resume", () => this.wake());
    addEventListener("pageshow", (event) => event.persisted && this.wake());
    addEventListener("online", () => this.wake());
  }

  #startWorker() {
    const worker = (this.#worker = startWorker(import.meta.resolve("./worker.js")));
    worker.addEventListener("message", ({ data }) => this.#receive(data));
    if (this.#begin !== undefined) this.#startConnection(this.#begin);
    // Its scripts could not be loaded.
    worker.addEventListener("error", () => {
      worker.terminate();
      this.#begin = null;
      this.status.value = { ...STARTING, state: "offline" };
      setTimeout(() => this.#startWorker(), WORKER_AGAIN_MS);
    });
  }

  /** Read the first snapshot, and have the connection go on from there; if it cannot be had, the connection brings one. */
  async #open() {
    const late = (this.#late = /** @type {ServiceEvent[]} */ ([]));
    const isWanted = () => this.#late === late; // the connection has brought no newer one
    readPreview().then((preview) => {
      if (!preview || !isWanted()) return;
      this.#stores.preview(preview);
      if (this.#begin === undefined) this.#startConnection(preview);
    });
    try {
      const opening = await readSnapshot((position) => this.#startNoLaterThan(position));
      if (isWanted()) await this.#fill(opening, isWanted);
      if (isWanted()) this.#opened(late.filter(({ seq }) => seq > opening.whole.seq));
    } catch {
      if (!isWanted()) return;
      this.#late = null;
      this.#startConnection(null);
    }
  }

  /**
   * @param {Opening} opening
   * @param {() => boolean} isWanted
   */
  async #fill({ whole, portions }, isWanted) {
    this.#stores.begin({ ...whole, portions: ["tasks"] });
    for (const tasks of portions) {
      this.#stores.add("tasks", tasks);
      await nextTurn();
      if (!isWanted()) return;
    }
    this.#stores.finish();
  }

  /** @param {ServiceEvent[]} late */
  #opened(late) {
    this.#begin = this.#late = null;
    if (late.length > 0) this.#stores.apply(late);
    if (this.#latest) this.status.value = this.#latest;
  }

  /**
   * What the connection brings has to begin at the snapshot or before it. Throws if it does not.
   * @param {Position} position
   */
  #startNoLaterThan(position) {
    const begin = this.#begin;
    if (begin === undefined) this.#startConnection(position);
    else if (begin && (begin.epoch !== position.epoch || begin.seq > position.seq)) throw new Error("The snapshot is too old.");
  }

  /** @param {Position | null} position */
  #startConnection(position) {
    this.#begin = position && { epoch: position.epoch, seq: position.seq };
    this.#worker?.postMessage({ type: "start", position: this.#begin });
  }

  /** Check the connection now instead of at the next turn. */
  wake() {
    this.#worker?.postMessage({ type: "wake" });
  }

  /** @param {WorkerMessage} message */
  #receive(message) {
    switch (message.type) {
      case "events":
        for (const event of message.events) this.#note(event);
        if (this.#late) this.#late.push(...message.events);
        else this.#stores.apply(message.events);
        break;
      case "snapshot":
        this.#late = null; // it is newer than the one that is being read
        this.#stores.begin(message);
        break;
      case "portion":
        this.#stores.add(message.topic, message.items);
        break;
      case "snapshot_end":
        this.#stores.finish();
        break;
      case "ack":
        this.degraded.value = message.degraded;
        break;
      case "status":
        if (AWAY.has(this.status.peek().state) && !AWAY.has(message.state)) returns.value = returns.peek() + 1;
        this.#latest = message;
        this.status.value = this.#late && message.state === "in_sync" ? { ...message, state: "catching_up" } : message;
        break;
    }
  }

  /** @param {ServiceEvent} event */
  #note(event) {
    if (event.type === "service.degraded") {
      const { root, mode, reason } = event;
      this.degraded.value = [...this.#others(root), { root, mode, reason }];
    } else if (event.type === "service.recovered") {
      this.degraded.value = this.#others(event.root);
    }
  }

  /** @param {string} root */
  #others(root) {
    return this.degraded.peek().filter((entry) => entry.root !== root);
  }
}
