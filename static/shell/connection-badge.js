/** The state of the connection, never better than is known. Pressed, it shows the facts behind that. */
import { define } from "../lib/dom.js";
import { count, duration } from "../lib/format.js";
import { html, render } from "../lib/html.js";

// The worker hears a pong every 5 s. If it has been silent for longer than that it may itself be asleep.
const PROOF_MS = 12_000;
const LABELS = {
  in_sync: "In sync with the disk",
  loading: "Loading the board",
  catching_up: "Catching up",
  connecting: "Connecting",
  reconnecting: "Connection lost, reconnecting",
  offline: "Offline",
};

export class ConnectionBadge extends HTMLElement {
  /** Asked for when the popover opens: returns a promise of the body of `/health`. */
  loadHealth = async () => null;
  #status = null;
  #position = { seq: null, epoch: null };
  #health = null;

  connectedCallback() {
    render(this, frame());
    this.#popover.addEventListener("toggle", (event) => event.newState === "open" && this.#opened());
    setInterval(() => this.#draw(), 1_000);
  }

  /** The last status message of the connection. */
  set status(status) {
    this.#status = status;
    this.#draw();
  }

  /** Number and epoch of the last event that the board has applied. */
  set position(position) {
    this.#position = position;
    this.#draw();
  }

  get #popover() {
    return this.querySelector("[popover]");
  }

  #draw() {
    if (!this.#status) return;
    const now_ms = Date.now();
    const state = honestState(this.#status, now_ms);
    const { text, short } = textOf(state, this.#status, this.#position.seq, now_ms);
    const button = this.querySelector("button");
    if (button.dataset.state !== state) this.querySelector("[aria-live]").textContent = LABELS[state];
    button.dataset.state = state;
    button.dataset.seq = this.#position.seq ?? "";
    write(button.querySelector(".badge-text"), text);
    write(button.querySelector(".badge-short"), short);
    if (this.#popover.matches(":popover-open")) this.#drawFacts(state, now_ms);
  }

  async #opened() {
    this.#draw();
    this.#health = await this.loadHealth().catch((error) => ({ error: error.message }));
    this.#draw();
  }

  #drawFacts(state, now_ms) {
    const { heard_at, latency_ms, transport, server_version } = this.#status;
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
    render(
      this.#popover.querySelector("dl"),
      html`${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}`,
    );
  }
}

/** Make the element known. */
export function register() {
  define("connection-badge", ConnectionBadge);
}

/** The state to show: "in sync" needs proof that is fresh. */
function honestState({ state, heard_at }, now_ms) {
  return state === "in_sync" && now_ms - heard_at > PROOF_MS ? "reconnecting" : state;
}

/** `{text, short}` for a state; `short` is for narrow screens. */
function textOf(state, { loading, latency_ms, heard_at }, seq, now_ms) {
  const number = seq === null ? "" : `#${seq}`;
  switch (state) {
    case "in_sync":
      return { text: `in sync ${number}${latency_ms === null ? "" : ` · ${latency(latency_ms)}`}`, short: "in sync" };
    case "loading":
      return { text: `loading ${count(loading.done)} of ${count(loading.total)}`, short: "loading" };
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

/** "0.8 ms", "2 ms". */
function latency(length_ms) {
  return length_ms < 1 ? `${length_ms.toFixed(1)} ms` : `${Math.round(length_ms)} ms`;
}

function lastSeen(number, heard_at, now_ms) {
  return heard_at === null || number === "" ? "" : ` · last seen ${number}, ${duration(now_ms - heard_at)} ago`;
}

function watchers(health) {
  if (health === null) return [["Watching", "…"]];
  if (health.error) return [["Watching", health.error]];
  return health.watchers.map(({ root, mode, error }) => ["Watching", `${root} (${mode}${error ? `: ${error}` : ""})`]);
}

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
