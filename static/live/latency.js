/** Measures the round trip to the service: `latency_ms` is the last one, null while it is not known. */
const INTERVAL_MS = 5_000;
const PATIENCE_MS = 5_000;
const PROBE_MS = 2_000;

export class Latency {
  latency_ms = null;
  #socket;
  #onPong;
  #timer = null;

  /** `onPong()` is called for each answer, as proof that the service is there. */
  constructor(socket, onPong) {
    this.#socket = socket;
    this.#onPong = onPong;
  }

  /** Ask now, and every few seconds. */
  start() {
    this.stop();
    this.#ask(PATIENCE_MS);
    this.#timer = setInterval(() => this.#ask(PATIENCE_MS), INTERVAL_MS);
  }

  /** The connection is gone: nothing is known. */
  stop() {
    clearInterval(this.#timer);
    this.latency_ms = null;
  }

  /** Ask once, impatiently: a connection that does not answer is given up and made anew. */
  probe() {
    this.#ask(PROBE_MS, () => this.#socket.disconnect().connect());
  }

  #ask(patience_ms, onSilence = () => {}) {
    const asked_at = performance.now();
    this.#socket.timeout(patience_ms).emit("ping", (failure) => {
      if (failure) {
        if (this.#socket.connected) onSilence();
        return;
      }
      this.latency_ms = performance.now() - asked_at;
      this.#onPong();
    });
  }
}
