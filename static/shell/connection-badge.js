/** Says whether the board is what the disk is, and how we know. Pressed, it shows the facts behind that. */
import { define } from "../lib/dom.js";
import { duration } from "../lib/format.js";
import { html, render } from "../lib/html.js";
import { honestState, latency, wording } from "./connection-text.js";

const SAID = {
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
    const { text, short } = wording(state, this.#status, this.#position.seq, now_ms);
    const button = this.querySelector("button");
    if (button.dataset.state !== state) this.querySelector("[aria-live]").textContent = SAID[state];
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
      ["State", SAID[state]],
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
