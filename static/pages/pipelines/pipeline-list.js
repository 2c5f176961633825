/** All pipelines that pass the filters of the address, a page at a time: `pipeline-list`. */
import { define, delegate, emit, keyed, one } from "../../lib/dom.js";
import { plural } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { atMostEvery, oncePerFrame } from "../../lib/signals.js";
import { connecting, state } from "../../ui/state.js";
import * as api from "./api.js";
import { fillFilters, filterFrame } from "./filter-bar.js";
import { PAGE_SIZE, isPlain, queryOf, toggled, withRow, withoutRow } from "./listing.js";
import { oneAtATime } from "./one-at-a-time.js";
import { pagerOf } from "./pager.js";
import { fillRow, makeRow } from "./pipeline-row.js";
/** @import {Markup, Pipeline} from "../../lib/types.js" */
/** @import {Pipelines} from "../../stores/pipelines.js" */
/** @import {ListAnswer, ListQuery} from "./types.js" */
/** @import {Changed} from "./listing.js" */

const AGAIN_MS = 1_000;

export class PipelineList extends HTMLElement {
  /** @type {Pipelines} */
  #store = /** @type {any} */ (null); // from `setUp` on
  /** @type {Record<string, string>} */
  #query = {};
  /** What is shown. @type {ListAnswer | null} */
  #list = null;
  #asked = ""; // the filters and the page
  #isOther = false; // what is shown is that of the filters before
  /** @type {Error | null} */
  #problem = null;
  #markups = new WeakMap(); // place → the text of its markup
  /** @type {AbortController | null} */
  #asking = null;
  /** Reports since it was asked: the answer may be older. @type {((list: ListAnswer, query: ListQuery) => Changed)[]} */
  #late = [];
  #draw = oncePerFrame(() => this.hidden || this.#drawNow());
  #again = atMostEvery(AGAIN_MS, () => this.refresh());

  /** Ask for the page that is shown. */
  refresh = oneAtATime(() => this.#load());

  connectedCallback() {
    if (this.firstChild) return;
    render(this, html`${filterFrame()}<div class="pipe-state" hidden></div><p class="pipe-old" role="status" hidden></p><ol class="pipe-rows" aria-label="Pipelines"></ol><div class="pipe-pager"></div>`);
    delegate(this, "change", "select", (_, /** @type {HTMLSelectElement} */ { name, value }) => this.#ask({ [name]: value || null }));
    delegate(this, "click", ".pipe-chip", (_, /** @type {HTMLButtonElement} */ { name, value }) => this.#ask({ [name]: toggled(queryOf(this.#query)[/** @type {"status" | "type"} */ (name)], value) }));
    delegate(this, "click", ".clear", () => this.#ask({ status: null, type: null, project: null }));
    delegate(this, "click", ".again", () => this.refresh());
  }

  /** @param {Pipelines} store */
  setUp(store) {
    this.#store = store;
    store.addEventListener("row", ({ detail }) => this.#change((list, query) => withRow(list, query, detail)));
    store.addEventListener("removed", ({ detail }) => this.#change((list) => withoutRow(list, detail)));
    store.addEventListener("reset", () => this.#again());
  }

  /** @param {Record<string, string>} query */
  show(query) {
    const asked = JSON.stringify(queryOf(query));
    const isOther = asked !== this.#asked;
    const isOpening = this.hidden;
    Object.assign(this, { hidden: false });
    this.#query = query;
    this.#asked = asked;
    if (isOther) {
      this.#asking?.abort();
      this.#asking = null;
      this.#begin(queryOf(query));
    }
    if (isOther || isOpening) this.refresh();
    this.#drawNow();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.hidden = true;
    this.#asking?.abort();
    this.#asking = null;
  }

  async #load() {
    if (this.hidden) return;
    const asking = (this.#asking = new AbortController());
    this.#late = [];
    const query = queryOf(this.#query);
    try {
      const list = await api.getPipelines(query, asking.signal);
      if (this.#asking !== asking) return;
      this.#list = this.#late.reduce((known, change) => change(known, query).list, list);
      this.#problem = null;
    } catch (error) {
      if (this.#asking !== asking) return;
      this.#problem = /** @type {Error} */ (error);
      if (this.#isOther) this.#list = null;
    }
    this.#asking = null;
    this.#isOther = false;
    this.#drawNow();
  }

  /** Until the service answers: the page of the snapshot if that is asked for, else what was shown. @param {ListQuery} query */
  #begin(query) {
    const { first } = this.#store;
    const isFirst = first !== null && this.#list === null && isPlain(query) && query.page === 1;
    if (isFirst) this.#list = { ...first, pipelines: first.rows, page: 1, total_pages: Math.ceil(first.total / PAGE_SIZE), projects: [], types: [] };
    this.#isOther = !isFirst;
  }

  /** @param {(list: ListAnswer, query: ListQuery) => Changed} change */
  #change(change) {
    if (this.#asking) this.#late.push(change);
    if (this.#list === null || this.#isOther) return;
    const { list, isSure } = change(this.#list, queryOf(this.#query));
    this.#list = list;
    if (this.hidden) return; // asked for again when it is shown
    this.#draw();
    if (!isSure) this.#again();
  }

  /** Another filter begins at the first page. @param {Record<string, string | null>} changes */
  #ask(changes) {
    emit(this, "query-change", { changes: { ...changes, page: null } });
  }

  #drawNow() {
    const list = this.#list;
    const query = queryOf(this.#query);
    this.toggleAttribute("data-waiting", this.#isOther && list !== null);
    const note = this.#note(list, query);
    this.#put(one(this, ".pipe-state"), note);
    const old = one(this, ".pipe-old");
    old.hidden = !this.#problem || list === null;
    old.textContent = old.hidden ? "" : `${this.#problem?.message} What you see may be old.`;
    fillFilters(this, list, query);
    const rows = /** @type {Pipeline[]} */ (note || !list ? [] : list.pipelines);
    const stale_after_s = list?.stale_after_s ?? 0;
    keyed(one(this, ".pipe-rows"), rows, ({ id }) => id, makeRow, (row, pipeline) => fillRow(row, pipeline, stale_after_s));
    this.#put(one(this, ".pipe-pager"), note || !list ? null : pagerOf(list, this.#query));
  }

  /** @param {ListAnswer | null} list @param {ListQuery} query @returns {Markup | null} */
  #note(list, query) {
    if (this.#store.isAsked && !this.#store.isKnown) return state({ name: "pipelines-unavailable", sign: "stop", title: "No pipelines here", text: "This service has no pipelines." });
    if (list === null && this.#problem) return state({ name: "pipelines-failed", sign: "alert", isAlert: true, title: "The pipelines cannot be shown", text: this.#problem.message, more: html`<button type="button" class="button again">Try again</button>` });
    if (list === null) return connecting();
    if (list.pipelines.length > 0) return null;
    if (list.total > 0) return state({ name: "no-such-page", sign: "help", title: "There is no such page", text: `The list has ${plural(list.total_pages, "page")}.`, more: html`<a class="button" href="${address({ page: "pipelines", query: { ...this.#query, page: null } })}">The first page</a>` });
    if (!isPlain(query)) return state({ name: "none-pass", sign: "filter", title: "No pipeline passes the filters", more: html`<button type="button" class="button clear">Clear the filters</button>` });
    return empty();
  }

  /** @param {HTMLElement} place @param {Markup | null} markup */
  #put(place, markup) {
    place.hidden = markup === null;
    const text = markup?.text ?? "";
    if (this.#markups.get(place) === text) return;
    this.#markups.set(place, text);
    render(place, markup ?? html``);
  }
}

/** Make the element known. */
export function register() {
  define("pipeline-list", PipelineList);
}

function empty() {
  return state({
    name: "no-pipelines",
    sign: "activity",
    title: "No pipelines yet",
    text: html`Agents report their work as pipelines of steps and jobs. What they report is written to <code>work/pipelines</code> and appears here at once.`,
  });
}
