/** The state of the connection, never better than is known. Pressed, it shows the facts behind that. */
import { define, one } from "../lib/dom.js";
import { html, render } from "../lib/html.js";
import { LABELS, accessOf, factsOf, honestState, textOf } from "./connection-text.js";
/** @import {ConnectionStatus, Degraded, MaybePosition, Me} from "../lib/types.js" */
/** @import {HealthOrError, ShownState} from "./connection-text.js" */

export class ConnectionBadge extends HTMLElement {
  /**
   * Asked for when the popover opens: returns a promise of the body of `/health`.
   * @type {() => Promise<HealthOrError>}
   */
  loadHealth = async () => null;
  /**
   * Asked for when the popover opens: returns a promise of the body of `/api/me`.
   * @type {() => Promise<Me | null>}
   */
  loadMe = async () => null;
  /** @type {Me | null} */
  #me = null;
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
    this.#me ??= await this.loadMe().catch(() => null);
    this.#health = await this.loadHealth().catch((error) => ({ error: error.message }));
    this.#draw();
  }

  /**
   * @param {ConnectionStatus} status
   * @param {ShownState} state
   * @param {number} now_ms
   */
  #drawFacts(status, state, now_ms) {
    const facts = [...factsOf(state, status, this.#position, this.#health, now_ms), ...accessOf(this.#me)];
    render(one(this.#popover, "dl"), html`${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}`);
  }
}

/** Make the element known. */
export function register() {
  define("connection-badge", ConnectionBadge);
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
