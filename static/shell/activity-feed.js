/** The latest events, newest first. Pressing one tells `task-open {id, path}`; the cross tells `activity-toggle`. */
import { define, delegate, emit, keyed } from "../lib/dom.js";
import { clock, dateTime } from "../lib/format.js";
import { atMostEvery } from "../lib/schedule.js";
import { element, html, render } from "../lib/html.js";
import { icon } from "../lib/icons.js";
import { address } from "../lib/router.js";
import { kindOf, said } from "./activity-text.js";

const REDRAW_MS = 200;
const AT_FIRST = 40; // more are drawn once the reader scrolls towards them

export class ActivityFeed extends HTMLElement {
  #feed = null;
  #most = AT_FIRST;
  #redraw = atMostEvery(REDRAW_MS, () => this.#draw());

  connectedCallback() {
    this.dataset.testid = "activity";
    render(this, frame());
    const list = this.querySelector("ol");
    list.addEventListener("scroll", () => this.#scrolled(list), { passive: true });
    delegate(this, "click", ".close", () => emit(this, "activity-toggle"));
    delegate(this, "click", "a.entry-title", (event, link) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      emit(this, "task-open", { id: link.dataset.opens, path: null });
    });
  }

  /** The `Feed` to show. */
  set feed(feed) {
    this.#feed = feed;
    feed.addEventListener("change", this.#redraw);
    this.#draw();
  }

  /** Whether the panel is to be seen; it is drawn only then. */
  set open(isOpen) {
    this.hidden = !isOpen;
    if (isOpen) this.#draw();
  }

  #scrolled({ scrollTop, clientHeight, scrollHeight }) {
    if (scrollTop + clientHeight * 2 < scrollHeight || this.#most >= this.#feed.entries.length) return;
    this.#most += AT_FIRST;
    this.#draw();
  }

  #draw() {
    if (this.hidden || !this.#feed) return;
    const { entries } = this.#feed;
    this.querySelector(".nothing").hidden = entries.length > 0;
    keyed(this.querySelector("ol"), entries.slice(0, this.#most), (event) => `${event.epoch}.${event.seq}`, entry);
  }
}

/** Make the element known. */
export function register() {
  define("activity-feed", ActivityFeed);
}

function frame() {
  return html`<header class="panel-head">
      <h2>Activity</h2>
      <button type="button" class="button icon-button close" aria-label="Close activity" title="Close (a)">${icon("close")}</button>
    </header>
    <p class="nothing">Nothing has happened since the service was started.</p>
    <ol class="entries" tabindex="0" aria-label="Latest events"></ol>`;
}

function entry(event) {
  const { tone, icon: sign } = kindOf(event.type);
  const { verb, detail } = said(event);
  return element(html`<li class="entry" data-testid="activity-item" data-type="${event.type}" data-tone="${tone}" data-seq="${event.seq}">
    <span class="entry-icon">${icon(sign)}</span>
    <div class="entry-body">
      ${event.task ? title(event.task) : null}
      <p class="entry-words"><strong>${verb}</strong> ${detail}</p>
    </div>
    <time class="entry-time" title="${dateTime(event.time)}" datetime="${event.time}">${clock(event.time)}</time>
  </li>`);
}

function title(task) {
  return html`<a class="entry-title" dir="auto" href="${address({ task: task.id })}" data-opens="${task.id}" title="${task.id}">${task.title}</a>`;
}
