/** The Socket.IO client: how it is set up, and how its round trip is measured. */
const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 5_000;
const PROBE_MS = 2_000;

/** Measures the round trip to the service: `latency_ms` is the last one, null while it is not known. */
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
    this.#ask(TIMEOUT_MS);
    this.#timer = setInterval(() => this.#ask(TIMEOUT_MS), INTERVAL_MS);
  }

  /** The connection is lost: nothing is known. */
  stop() {
    clearInterval(this.#timer);
    this.latency_ms = null;
  }

  /** Ask once, with little time: a connection that does not answer is closed and opened again. */
  probe() {
    this.#ask(PROBE_MS, () => this.#socket.disconnect().connect());
  }

  #ask(timeout_ms, onSilence = () => {}) {
    const asked_at = performance.now();
    this.#socket.timeout(timeout_ms).emit("ping", (failure) => {
      if (failure) {
        if (this.#socket.connected) onSilence();
        return;
      }
      this.latency_ms = performance.now() - asked_at;
      this.#onPong();
    });
  }
}

/**
 * A Socket.IO client, not yet connected: WebSocket first, polling where that is refused, back soon after a loss.
 * `auth()` is asked at each connection, the first and every further one.
 */
export function makeSocket(io, origin, auth) {
  return io(`${origin}/dashboard`, {
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    auth: (answer) => answer(auth()),
    reconnectionDelay: 300,
    reconnectionDelayMax: 3_000,
    randomizationFactor: 0.3,
    timeout: 5_000,
    autoConnect: false,
  });
}
