/**
 * The latest events, newest first: those of chosen kinds, of all agents or one; it can be held. Emits `task-open {id, path}` and
 * `activity-toggle`.
 */
import { define, delegate, emit, keyed, one, remember, rememberedList } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { html, icon, render } from "../lib/html.js";
import { returns } from "../lib/lazy.js";
import { atMostEvery, effect } from "../lib/signals.js";
import { Feed } from "../stores/feed.js";
import { grouped } from "../stores/feed-groups.js";
import { KINDS, REQUESTS } from "../stores/feed-kinds.js";
import { listenForTasks } from "../ui/task-links.js";
import { fill, make } from "./activity-entry.js";
/** @import {ServiceEvent, Signal} from "../lib/types.js" */
/** @typedef {(types: string[], hours: number) => Promise<ServiceEvent[]>} LoadEvents */

const REDRAW_MS = 200;
const AT_FIRST = 40; // more are drawn once the reader scrolls towards them
const ALL = "";

export class ActivityFeed extends HTMLElement {
  /** @type {Feed | null} */
  #feed = null;
  #most = AT_FIRST;
  /** @type {Error | null} */
  #problem = null;
  /** Those that are chosen; none: all. @type {Set<string>} */
  #kinds = new Set();
  /** @type {string | null} */
  #agent = null;
  /** False until it is known what happened before: then nothing is said of that. */
  #isLoaded = false;
  /** What is shown while it is held. @type {ServiceEvent[] | null} */
  #held = null;
  #redraw = atMostEvery(REDRAW_MS, () => this.#draw());

  connectedCallback() {
    this.dataset.testid = "activity";
    this.#kinds = new Set(rememberedList("activity-kinds").filter((kind) => KINDS.some(({ name }) => name === kind)));
    render(this, frame());
    const list = one(this, "ol");
    list.addEventListener("scroll", () => this.#scrolled(list), { passive: true });
    delegate(this, "click", ".close", () => emit(this, "activity-toggle"));
    delegate(this, "click", ".feed-kind", (_, /** @type {HTMLButtonElement} */ { value }) => this.#choose(value));
    delegate(this, "click", ".hold", () => this.#hold());
    delegate(this, "change", ".feed-agent", (_, /** @type {HTMLSelectElement} */ { value }) => {
      this.#agent = value === ALL ? null : value;
      this.#again();
    });
    listenForTasks(this);
    this.#showKinds();
  }

  /**
   * The `Feed` to show.
   * @param {Feed} feed
   */
  set feed(feed) {
    this.#feed = feed;
    effect(() => {
      feed.revision.value;
      this.#redraw();
    });
  }

  /**
   * Whether the panel is shown; it is drawn only then.
   * @param {boolean} isOpen
   */
  set open(isOpen) {
    this.hidden = !isOpen;
    if (isOpen) this.#draw();
  }

  /**
   * Why the events before now are not there; null: they are.
   * @param {Error | null} error
   */
  set problem(error) {
    this.#problem = error;
    this.#isLoaded = true;
    this.#redraw();
  }

  /** @param {string} kind */
  #choose(kind) {
    if (!this.#kinds.delete(kind)) this.#kinds.add(kind);
    if (this.#kinds.size === KINDS.length) this.#kinds.clear();
    remember("activity-kinds", JSON.stringify([...this.#kinds]));
    this.#showKinds();
    this.#again();
  }

  #showKinds() {
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.querySelectorAll(".feed-kind"))) {
      button.setAttribute("aria-pressed", String(this.#kinds.has(button.value)));
    }
  }

  #hold() {
    this.#held = this.#held === null ? this.#chosen() : null;
    this.#draw();
  }

  /** What is wanted is different: from the top, also while it is held. */
  #again() {
    if (this.#held !== null) this.#held = this.#chosen();
    this.#most = AT_FIRST;
    one(this, "ol").scrollTop = 0;
    this.#draw();
  }

  #chosen() {
    return this.#feed?.list(this.#kinds, this.#agent) ?? [];
  }

  /** @param {Element} list */
  #scrolled({ scrollTop, clientHeight, scrollHeight }) {
    if (scrollTop + clientHeight * 2 < scrollHeight || list(this).children.length < this.#most) return;
    this.#most += AT_FIRST;
    this.#draw();
  }

  #draw() {
    if (this.hidden || !this.#feed) return;
    const chosen = this.#chosen();
    const entries = grouped(this.#held ?? chosen);
    const isNarrowed = this.#kinds.size > 0 || this.#agent !== null;
    const nothing = one(this, ".feed-nothing");
    nothing.hidden = entries.length > 0 || this.#problem !== null || !this.#isLoaded;
    nothing.textContent = isNarrowed ? "Nothing of this kind has happened." : "Nothing is known to have happened.";
    const problem = one(this, ".feed-problem");
    problem.hidden = this.#problem === null;
    problem.textContent = `Earlier events could not be loaded. ${this.#problem?.message ?? ""}`;
    const unknown = this.#agent === null || this.#held !== null ? 0 : this.#feed.unknown(this.#kinds);
    const note = one(this, ".feed-unknown");
    note.hidden = unknown === 0;
    note.textContent = `Without ${plural(unknown, "event")} of files and jobs of which it cannot be told whose they are.`;
    this.#drawHold(chosen);
    this.#drawAgents();
    keyed(list(this), entries.slice(0, this.#most), ({ key }) => key, make, fill);
  }

  /** @param {ServiceEvent[]} chosen */
  #drawHold(chosen) {
    const newest = this.#held?.[0];
    const missed = this.#held === null ? 0 : newest ? chosen.filter(({ time, seq, epoch }) => time > newest.time || (epoch === newest.epoch && seq > newest.seq)).length : chosen.length;
    const button = one(this, ".hold");
    const isHeld = this.#held !== null;
    button.setAttribute("aria-pressed", String(isHeld));
    button.title = isHeld ? "Go on" : "Hold it as it is";
    const text = isHeld ? `Held${missed > 0 ? `, ${missed} new` : ""}` : "Hold";
    if (button.textContent?.trim() !== text) render(button, html`${icon(isHeld ? "play" : "pause")}${text}`);
  }

  #drawAgents() {
    const select = /** @type {HTMLSelectElement} */ (one(this, ".feed-agent"));
    if (select === document.activeElement) return; // its list may be open
    const agents = [...new Set([...(this.#feed?.agents ?? []), ...(this.#agent === null ? [] : [this.#agent])])].sort();
    const shown = JSON.stringify(agents);
    if (select.dataset.shown === shown) return;
    select.dataset.shown = shown;
    render(select, html`<option value="${ALL}">All agents</option>${agents.map((agent) => html`<option value="${agent}">${agent}</option>`)}`);
    select.value = this.#agent ?? ALL;
  }
}

/**
 * Fill the panel with what `loadEvents(types, hours)` gives and with what comes.
 * @param {{stores: import("../stores/stores.js").Stores, loadEvents: LoadEvents, isOpen: Signal<boolean>}} options
 */
export function startActivityFeed({ stores, loadEvents, isOpen }) {
  define("activity-feed", ActivityFeed);
  const panel = /** @type {ActivityFeed} */ (one(document, "activity-feed"));
  const feed = new Feed();
  stores.register(feed);
  panel.feed = feed;
  effect(() => (panel.open = isOpen.value));
  // After a loss of events too: what was missed is loaded again.
  effect(() => {
    returns.value;
    if (stores.snapshots.value === 0) return;
    Promise.all(REQUESTS.map(({ types, hours }) => loadEvents(types, hours))).then(
      (answers) => {
        feed.addAll(answers.flat());
        panel.problem = null;
      },
      (error) => (panel.problem = error),
    );
  });
}

/** @param {HTMLElement} panel */
function list(panel) {
  return one(panel, "ol");
}

function frame() {
  return html`<header class="panel-head">
      <h2>Activity</h2>
      <button type="button" class="button hold" data-testid="feed-hold" aria-pressed="false" title="Hold it as it is">${icon("pause")}Hold</button>
      <button type="button" class="button icon-button close" aria-label="Close activity" title="Close (a)">${icon("close")}</button>
    </header>
    <div class="feed-filters">
      <div class="feed-kinds" role="group" aria-label="Only these kinds">${KINDS.map(({ name, label }) => html`<button type="button" class="feed-kind" data-testid="feed-kind-${name}" value="${name}" aria-pressed="false">${label}</button>`)}</div>
      <select class="pill feed-agent" data-testid="feed-agent" aria-label="Only of this agent"><option value="${ALL}">All agents</option></select>
    </div>
    <p class="nothing feed-nothing" hidden></p>
    <p class="feed-unknown hint" data-testid="feed-unknown" hidden></p>
    <p class="feed-problem nothing" role="status" data-testid="feed-problem" hidden></p>
    <ol class="entries" tabindex="0" aria-label="Latest events"></ol>`;
}
