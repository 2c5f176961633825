/** The state of the connection, never better than is known. Pressed, it shows the facts behind that. */
import { define, one } from "../lib/dom.js";
import { count, duration } from "../lib/format.js";
import { html, render } from "../lib/html.js";
/** @import {ConnectionState, ConnectionStatus, Degraded, Health, MaybePosition} from "../lib/types.js" */
/** @typedef {Health | {error: string} | null} HealthOrError */

// The worker hears a pong every 5 s. If it has been silent for longer than that it may itself be asleep.
const PROOF_MS = 12_000;
/** @typedef {ConnectionState | "folder_missing"} ShownState */
/** @type {Record<ShownState, string>} */
const LABELS = {
  folder_missing: "Connected, but a folder is missing or cannot be read",
  in_sync: "In sync with the disk",
  loading: "Loading the board",
  catching_up: "Catching up",
  connecting: "Connecting",
  reconnecting: "Connection lost, reconnecting",
  offline: "Offline",
};

export class ConnectionBadge extends HTMLElement {
  /**
   * Asked for when the popover opens: returns a promise of the body of `/health`.
   * @type {() => Promise<HealthOrError>}
   */
  loadHealth = async () => null;
  /** @type {ConnectionStatus | null} */
  #status = null;
  /** @type {MaybePosition} */
  #position = { seq: null, epoch: null };
  #isBlind = false; // a folder that is followed cannot be read
  /** @type {HealthOrError} */
  #health = null;

  connectedCallback() {
    render(this, frame());
    this.#popover.addEventListener("toggle", ({ newState }) => newState === "open" && this.#opened());
    setInterval(() => this.#draw(), 1_000);
  }

  /**
   * The last status message of the connection.
   * @param {ConnectionStatus} status
   */
  set status(status) {
    this.#status = status;
    this.#draw();
  }

  /**
   * What does not work as it should.
   * @param {Degraded[]} entries
   */
  set degraded(entries) {
    this.#isBlind = entries.some(({ mode }) => mode === "missing" || mode === "unreadable");
    this.#draw();
  }

  /**
   * Number and epoch of the last event that the board has applied.
   * @param {MaybePosition} position
   */
  set position(position) {
    this.#position = position;
    this.#draw();
  }

  get #popover() {
    return one(this, "[popover]");
  }

  #draw() {
    if (!this.#status) return;
    const now_ms = Date.now();
    const state = honestState(this.#status, this.#isBlind, now_ms);
    const { text, short } = textOf(state, this.#status, this.#position.seq, now_ms);
    const button = one(this, "button");
    if (button.dataset.state !== state) one(this, "[aria-live]").textContent = LABELS[state];
    button.dataset.state = state;
    button.dataset.seq = String(this.#position.seq ?? "");
    write(one(button, ".badge-text"), text);
    write(one(button, ".badge-short"), short);
    if (this.#popover.matches(":popover-open")) this.#drawFacts(this.#status, state, now_ms);
  }

  async #opened() {
    this.#draw();
    this.#health = await this.loadHealth().catch((error) => ({ error: error.message }));
    this.#draw();
  }

  /**
   * @param {ConnectionStatus} status
   * @param {ShownState} state
   * @param {number} now_ms
   */
  #drawFacts({ heard_at, latency_ms, transport, server_version }, state, now_ms) {
    const facts = [
      ["State", LABELS[state]],
      ["Last event", this.#position.seq === null ? "none yet" : `#${this.#position.seq}`],
      ["Epoch", this.#position.epoch ?? "unknown"],
      ["Last heard", heard_at === null ? "never" : `${duration(now_ms - heard_at)} ago`],
      ["Round trip", latency_ms === null ? "unknown" : latency(latency_ms)],
      ["Transport", transport ?? "none"],
      ["Service", server_version ?? "unknown"],
      ...watchers(this.#health),
    ];
    render(one(this.#popover, "dl"), html`${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}`);
  }
}

/** Make the element known. */
export function register() {
  define("connection-badge", ConnectionBadge);
}

/**
 * The state to show: "in sync" needs proof that is fresh, and folders that can be read.
 * @param {ConnectionStatus} status
 * @param {boolean} isBlind
 * @param {number} now_ms
 * @returns {ShownState}
 */
function honestState({ state, heard_at }, isBlind, now_ms) {
  if (state !== "in_sync") return state;
  if (now_ms - (heard_at ?? 0) > PROOF_MS) return "reconnecting";
  return isBlind ? "folder_missing" : state;
}

/**
 * `{text, short}` for a state; `short` is for narrow screens.
 * @param {ShownState} state
 * @param {ConnectionStatus} status
 * @param {number | null} seq
 * @param {number} now_ms
 */
function textOf(state, { loading, latency_ms, heard_at }, seq, now_ms) {
  const number = seq === null ? "" : `#${seq}`;
  switch (state) {
    case "in_sync":
      return { text: `in sync ${number}${latency_ms === null ? "" : ` · ${latency(latency_ms)}`}`, short: "in sync" };
    case "folder_missing":
      return { text: `folder missing · ${number}`, short: "folder missing" };
    case "loading":
      return { text: loading ? `loading ${count(loading.done)} of ${count(loading.total)}` : "loading", short: "loading" };
    case "catching_up":
      return { text: "catching up", short: "catching up" };
    case "connecting":
      return { text: "connecting…", short: "connecting" };
    default:
      return {
        text: `${state === "offline" ? "offline" : "reconnecting…"}${lastSeen(number, heard_at, now_ms)}`,
        short: state,
      };
  }
}

/**
 * "0.8 ms", "2 ms".
 * @param {number} length_ms
 */
function latency(length_ms) {
  return length_ms < 1 ? `${length_ms.toFixed(1)} ms` : `${Math.round(length_ms)} ms`;
}

/**
 * @param {string} number
 * @param {number | null} heard_at
 * @param {number} now_ms
 */
function lastSeen(number, heard_at, now_ms) {
  return heard_at === null || number === "" ? "" : ` · last seen ${number}, ${duration(now_ms - heard_at)} ago`;
}

/** @param {HealthOrError} health */
function watchers(health) {
  if (health === null) return [["Watching", "…"]];
  if ("error" in health) return [["Watching", health.error]];
  return health.watchers.map(({ root, mode, error }) => ["Watching", `${root} (${mode}${error ? `: ${error}` : ""})`]);
}

/**
 * @param {Element} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function frame() {
  return html`<button type="button" class="badge" data-testid="badge" data-state="connecting" data-seq="" popovertarget="connection-facts" title="Connection">
      <span class="dot" aria-hidden="true"></span><span class="badge-text">connecting…</span><span class="badge-short"></span>
    </button>
    <span class="off-screen" aria-live="polite"></span>
    <div id="connection-facts" popover class="popover"><h2>Connection</h2><dl class="facts"></dl></div>`;
}
