/**
 * Joins the connection's worker to the stores. Events are applied as they come, also in a hidden tab; drawing is up to those
 * who read the stores.
 */
import { startWorker } from "../lib/html.js";
import { returns } from "../lib/lazy.js";
import { signal } from "../lib/signals.js";
import { FirstSnapshot } from "./first-snapshot.js";
/** @import {ConnectionStatus, Degraded, Position, ServiceEvent, WorkerMessage} from "../lib/types.js" */

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
  /** While it is being read. @type {FirstSnapshot | null} */
  #first = null;
  /** Whether the stores have a whole snapshot: before, nothing is in sync, whatever the connection has reached. */
  #isFilled = false;
  /** The status as the connection knows it. @type {ConnectionStatus | null} */
  #latest = null;
  /** The job whose log is shown. @type {string | null} */
  #watched = null;

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

  /**
   * Hand on the lines of the log of one job only; null: of none.
   * @param {string | null} job
   */
  watch(job) {
    this.#watched = job;
    this.#worker?.postMessage({ type: "watch", job });
  }

  #startWorker() {
    const worker = (this.#worker = startWorker(import.meta.resolve("./worker.js")));
    worker.addEventListener("message", ({ data }) => this.#receive(data));
    if (this.#begin !== undefined) this.#startConnection(this.#begin);
    if (this.#watched !== null) this.watch(this.#watched);
    // Its scripts could not be loaded.
    worker.addEventListener("error", () => {
      worker.terminate();
      this.#begin = null;
      this.status.value = { ...STARTING, state: "offline" };
      setTimeout(() => this.#startWorker(), WORKER_AGAIN_MS);
    });
  }

  /** Read the first snapshot; if it cannot be had, the connection brings one. */
  async #open() {
    const first = (this.#first = new FirstSnapshot(this.#stores, (position) => this.#startConnection(position)));
    const isThere = await first.read();
    if (this.#first !== first) return; // the connection has brought a newer one
    this.#first = null;
    if (!isThere) return this.#startConnection(null);
    this.#begin = null; // a worker that has to be started again needs a snapshot
    this.#isFilled = true;
    if (this.#latest) this.status.value = this.#latest;
  }

  /** @param {Position | null} position */
  #startConnection(position) {
    this.#begin = position;
    this.#worker?.postMessage({ type: "start", position });
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
        if (this.#first) this.#first.keep(message.events);
        else this.#stores.apply(message.events);
        break;
      case "snapshot":
        this.#first?.drop(); // it is newer than the one that is being read
        this.#first = null;
        this.#stores.begin(message);
        break;
      case "portion":
        this.#stores.add(message.topic, message.items);
        break;
      case "snapshot_end":
        this.#stores.finish();
        this.#isFilled = true;
        break;
      case "ack":
        this.degraded.value = message.degraded;
        break;
      case "status":
        if (AWAY.has(this.status.peek().state) && !AWAY.has(message.state)) returns.value = returns.peek() + 1;
        this.#latest = message;
        this.status.value = !this.#isFilled && message.state === "in_sync" ? { ...message, state: "catching_up" } : message;
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
