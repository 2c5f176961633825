/** The latest events, newest first. Emits `task-open {id, path}` and `activity-toggle`. */
import { define, delegate, emit, keyed, one } from "../lib/dom.js";
import { html, icon, render } from "../lib/html.js";
import { returns } from "../lib/lazy.js";
import { atMostEvery, effect } from "../lib/signals.js";
import { Feed } from "../stores/feed.js";
import { grouped } from "../stores/feed-groups.js";
import { listenForTasks } from "../ui/task-links.js";
import { fill, make } from "./activity-entry.js";
/** @import {FeedEntry} from "../stores/feed-groups.js" */
/** @import {MaybePosition, ServiceEvent, Signal} from "../lib/types.js" */
/** @typedef {(position: MaybePosition) => Promise<ServiceEvent[]>} LoadEvents */

const REDRAW_MS = 200;
const AT_FIRST = 40; // more are drawn once the reader scrolls towards them

export class ActivityFeed extends HTMLElement {
  /** @type {Feed | null} */
  #feed = null;
  #most = AT_FIRST;
  /** @type {Error | null} */
  #problem = null;
  #redraw = atMostEvery(REDRAW_MS, () => this.#draw());

  connectedCallback() {
    this.dataset.testid = "activity";
    render(this, frame());
    const list = one(this, "ol");
    list.addEventListener("scroll", () => this.#scrolled(list), { passive: true });
    delegate(this, "click", ".close", () => emit(this, "activity-toggle"));
    listenForTasks(this);
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
   * Why the events before now are not there.
   * @param {Error | null} error
   */
  set problem(error) {
    this.#problem = error;
    this.#redraw();
  }

  /** @param {Element} list */
  #scrolled({ scrollTop, clientHeight, scrollHeight }) {
    if (scrollTop + clientHeight * 2 < scrollHeight || this.#most >= (this.#feed?.entries.length ?? 0)) return;
    this.#most += AT_FIRST;
    this.#draw();
  }

  #draw() {
    if (this.hidden || !this.#feed) return;
    const entries = grouped(this.#feed.entries);
    one(this, ".nothing").hidden = entries.length > 0 || this.#problem !== null;
    const problem = one(this, ".feed-problem");
    problem.hidden = this.#problem === null;
    problem.textContent = `Earlier events could not be loaded. ${this.#problem?.message ?? ""}`;
    keyed(one(this, "ol"), entries.slice(0, this.#most), ({ key }) => key, make, fill);
  }
}

/**
 * Fill the panel with what `loadEvents(position)` gives and with what comes.
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
    loadEvents(stores.position.peek()).then(
      (events) => {
        feed.addAll(events);
        panel.problem = null;
      },
      (error) => (panel.problem = error),
    );
  });
}

function frame() {
  return html`<header class="panel-head">
      <h2>Activity</h2>
      <button type="button" class="button icon-button close" aria-label="Close activity" title="Close (a)">${icon("close")}</button>
    </header>
    <p class="nothing">Nothing has happened since the service was started.</p>
    <p class="feed-problem nothing" role="status" data-testid="feed-problem" hidden></p>
    <ol class="entries" tabindex="0" aria-label="Latest events"></ol>`;
}
