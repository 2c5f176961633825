/**
 * Joins the connection's worker to the page: snapshots and events go to the board, the rest becomes signals.
 * Events are applied as they come, also in a hidden tab; drawing is the business of those who watch the board.
 */
import { startWorker } from "../lib/html.js";

const STARTING = { state: "connecting", position: null, loading: null, latency_ms: null, heard_at: null };

/**
 * `{status, degraded}` are signals to be made by the caller; `onEvents(events)` hears every event applied, `onSnapshot(state)`
 * what a snapshot says besides tasks.
 */
export class Link {
  #board;
  #status;
  #degraded;
  #onEvents;
  #onSnapshot;
  #worker = null;

  constructor(board, { status, degraded, onEvents, onSnapshot = () => {} }) {
    this.#board = board;
    this.#status = status;
    this.#degraded = degraded;
    this.#onEvents = onEvents;
    this.#onSnapshot = onSnapshot;
    status.value = STARTING;
  }

  /** Connect; from now on the board follows the service. */
  start() {
    this.#worker = startWorker("/live/worker.js");
    this.#worker.addEventListener("message", ({ data }) => this.#take(data));
    this.#worker.addEventListener("error", () => (this.#status.value = { ...STARTING, state: "offline" }));
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    document.addEventListener("resume", () => this.wake());
    addEventListener("pageshow", (event) => event.persisted && this.wake());
    addEventListener("online", () => this.wake());
  }

  /** Check the connection now instead of at the next turn. */
  wake() {
    this.#worker?.postMessage({ type: "wake" });
  }

  #take(message) {
    switch (message.type) {
      case "events":
        for (const event of message.events) this.#apply(event);
        this.#onEvents(message.events);
        break;
      case "snapshot":
        this.#board.beginSnapshot(message);
        this.#onSnapshot(message);
        break;
      case "snapshot_part":
        this.#board.addToSnapshot(message.tasks);
        break;
      case "snapshot_end":
        this.#board.finishSnapshot();
        break;
      case "ack":
        this.#degraded.value = message.degraded;
        break;
      case "status":
        this.#status.value = message;
        break;
    }
  }

  #apply(event) {
    this.#board.apply(event);
    if (event.type === "service.degraded") {
      const { root, mode, reason } = event;
      this.#degraded.value = [...this.#others(root), { root, mode, reason }];
    } else if (event.type === "service.recovered") {
      this.#degraded.value = this.#others(event.root);
    }
  }

  #others(root) {
    return this.#degraded.peek().filter((entry) => entry.root !== root);
  }
}
