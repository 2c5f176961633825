/**
 * Follows the service's numbered events over Socket.IO and never applies a wrong one.
 *
 * `emit(message)` gets `{type: "ack"|"snapshot"|"event"|"status", ...}`. Events come in order and once; when a number
 * is missing or the service was started anew, a fresh snapshot is asked for. Runs in a worker (worker.js).
 */
import { Latency, connectionState, isSilent, makeSocket } from "./socket.js";
/** @import {Ack, ConnectionMessage, ConnectionState, Position, Progress, ProgressEvent, ServiceEvent, Snapshot} from "../lib/types.js" */

const TICK_MS = 1_000; // also the least time between two snapshots asked for

export class Connection {
  #socket;
  #emit;
  #latency;
  /** @type {Position | null} */
  #position = null; // of the last event that was passed on; null: a snapshot has to come first
  #target = Infinity; // the number that the service had reached when it let us in; not known before its ack
  /** @type {Progress | null} */
  #loading = null; // while the service reads its files
  /** @type {string | null} */
  #version = null;
  #wasConnected = false;
  /** @type {number | null} */
  #heard_at = null; // when the service last sent anything, a pong included
  /** @type {ConnectionState | null} */
  #emitted = null; // the state that was last emitted
  #resynced_at = -Infinity;
  #isStarted = false;

  /**
   * @param {import("./socket.js").Io} io
   * @param {string} origin
   * @param {(message: ConnectionMessage) => void} emit
   */
  constructor(io, origin, emit) {
    this.#emit = emit;
    this.#socket = makeSocket(io, origin, () => ({ topics: ["all"], ...this.#since() }));
    this.#latency = new Latency(this.#socket, () => this.#heard());
  }

  /**
   * Connect, and stay connected. `position` is that of the snapshot that the page has; null: it needs one. Called again if that
   * snapshot could not be read to its end.
   * @param {Position | null} position
   */
  start(position) {
    const socket = this.#socket;
    if (this.#isStarted) return this.#resync();
    this.#isStarted = true;
    this.#position = position;
    socket.on("connect", () => this.#connected());
    socket.on("disconnect", (reason) => this.#disconnected(reason));
    socket.on("connection_ack", (ack) => this.#acknowledged(ack));
    socket.on("snapshot", (snapshot) => this.#snapshot(snapshot));
    socket.onAny((name, body) => {
      this.#heard_at = Date.now();
      if (typeof body?.seq === "number" && body.type === name) this.#event(body);
    });
    setInterval(() => this.#tick(), TICK_MS);
    for (const type of ["online", "offline"]) addEventListener(type, () => this.#status());
    socket.connect();
    this.#status();
  }

  /** The tab woke up, or the network is back: find out at once whether the connection is still there. */
  wake() {
    if (this.#socket.connected) this.#latency.probe();
    else if (this.#isStarted) this.#reopen();
  }

  #since() {
    return this.#position && { since: this.#position.seq, epoch: this.#position.epoch };
  }

  #connected() {
    this.#wasConnected = true;
    this.#heard();
    this.#latency.start();
  }

  /** @param {string} reason */
  #disconnected(reason) {
    this.#latency.stop();
    this.#target = Infinity;
    this.#loading = null;
    this.#status();
    // Cut off by the server: Socket.IO leaves it to us to come back.
    if (reason === "io server disconnect") setTimeout(() => this.#socket.connect(), 500);
  }

  /** @param {Ack} ack */
  #acknowledged(ack) {
    this.#version = ack.server_version;
    this.#target = ack.seq;
    this.#loading = ack.loading;
    if (this.#position && this.#position.epoch !== ack.epoch) this.#position = null;
    this.#emit({ type: "ack", epoch: ack.epoch, degraded: ack.degraded ?? [] });
    this.#status();
  }

  /** @param {Snapshot} snapshot */
  #snapshot({ epoch, seq, ...state }) {
    this.#position = { epoch, seq };
    this.#loading = null;
    this.#emit({ type: "snapshot", epoch, seq, ...state });
    this.#status();
  }

  /** @param {ServiceEvent} event */
  #event(event) {
    if (this.#position === null) return event.type === "service.progress" && this.#progress(event);
    const { epoch, seq } = this.#position;
    if (event.epoch !== epoch || event.seq > seq + 1) return this.#resync();
    if (event.seq <= seq) return;
    if (event.type === "host.reset") return this.#resync(); // too much of another host is different to be said by events
    this.#position = { epoch, seq: event.seq };
    this.#emit({ type: "event", event });
    if (event.seq === this.#target) this.#status();
  }

  /** @param {ProgressEvent} event */
  #progress({ done, total }) {
    this.#loading = { done, total };
    this.#status();
  }

  /** What we have cannot be continued: come back without a number, and get a snapshot. */
  #resync() {
    this.#position = null;
    this.#status();
    const wait_ms = Math.max(0, this.#resynced_at + TICK_MS - Date.now());
    this.#resynced_at = Date.now() + wait_ms;
    setTimeout(() => this.#reopen(), wait_ms);
  }

  #reopen() {
    this.#socket.disconnect();
    this.#socket.connect();
  }

  #heard() {
    this.#heard_at = Date.now();
    this.#status();
  }

  #tick() {
    if (this.#socket.connected && isSilent(this.#heard_at, Date.now())) this.#reopen();
    if (this.#state() !== this.#emitted) this.#status();
  }

  #status() {
    this.#emitted = this.#state();
    this.#emit({
      type: "status",
      state: this.#emitted,
      position: this.#position,
      loading: this.#loading,
      latency_ms: this.#latency.latency_ms,
      heard_at: this.#heard_at,
      server_version: this.#version,
      transport: this.#socket.connected ? this.#socket.io.engine.transport.name : null,
    });
  }

  #state() {
    const line = { connected: this.#socket.connected, online: navigator.onLine !== false, wasConnected: this.#wasConnected };
    const progress = { loading: this.#loading, position: this.#position, target: this.#target };
    return connectionState({ ...line, ...progress, heard_at: this.#heard_at }, Date.now());
  }
}
