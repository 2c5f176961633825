/** The Socket.IO client: how it is set up, how its round trip is measured, and what state its connection is in. */
const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 5_000;
const PROBE_MS = 2_000;
// A pong is due every 5 s; when two are missing, what we show may be old.
const SILENCE_MS = 10_000;

/** @import {ConnectionState, Position, Progress} from "../lib/types.js" */

/**
 * What is used of a Socket.IO client.
 * @typedef {object} Socket
 * @property {boolean} connected
 * @property {() => Socket} connect
 * @property {() => Socket} disconnect
 * @property {(name: string, handler: (body: any) => void) => void} on
 * @property {(handler: (name: string, body: any) => void) => void} onAny
 * @property {(length_ms: number) => {emit: (name: string, answer: (failure: unknown) => void) => void}} timeout
 * @property {{engine: {transport: {name: string}}}} io
 */
/** @typedef {(address: string, options: object) => Socket} Io */

/** Measures the round trip to the service: `latency_ms` is the last one, null while it is not known. */
export class Latency {
  /** @type {number | null} */
  latency_ms = null;
  #socket;
  #onPong;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * `onPong()` is called for each answer, as proof that the service is there.
   * @param {Socket} socket
   * @param {() => void} onPong
   */
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

  /**
   * @param {number} timeout_ms
   * @param {() => unknown} [onSilence]
   */
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
 * @param {Io} io
 * @param {string} origin
 * @param {() => object} auth
 */
export function makeSocket(io, origin, auth) {
  return io(`${origin}/dashboard`, {
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    auth: (/** @type {(auth: object) => void} */ answer) => answer(auth()),
    reconnectionDelay: 300,
    reconnectionDelayMax: 3_000,
    randomizationFactor: 0.3,
    timeout: 5_000,
    autoConnect: false,
  });
}

/**
 * True if the service has sent nothing for so long that the connection may be lost.
 * @param {number | null} heard_at
 * @param {number} now_ms
 */
export function isSilent(heard_at, now_ms) {
  return now_ms - (heard_at ?? 0) > SILENCE_MS;
}

/**
 * "in_sync" only with a position that has reached what the service had when it let us in, and a sign of life; else
 * "connecting", "reconnecting", "offline", "loading" or "catching_up".
 * @param {object} known
 * @param {boolean} known.connected
 * @param {boolean} known.online
 * @param {boolean} known.wasConnected
 * @param {Progress | null} known.loading
 * @param {Position | null} known.position
 * @param {number} known.target
 * @param {number | null} known.heard_at
 * @param {number} now_ms
 * @returns {ConnectionState}
 */
export function connectionState({ connected, online, wasConnected, loading, position, target, heard_at }, now_ms) {
  if (!connected) return !online ? "offline" : wasConnected ? "reconnecting" : "connecting";
  if (loading) return "loading";
  if (position === null || position.seq < target) return "catching_up";
  return isSilent(heard_at, now_ms) ? "reconnecting" : "in_sync";
}
