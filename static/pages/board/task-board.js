/**
 * The board: a column per lane, side by side; on a phone one at a time, to be swiped or selected by its tab.
 * Emits `task-open {id, path}`.
 */
import { define, delegate, emit, one, remember, rememberedList, wantsCalm } from "../../lib/dom.js";
import { count, sentenceCase } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { firstOf, grouped, walk } from "./lanes.js";
/** @import {Column} from "../../lib/types.js" */
/** @import {TaskCard} from "./task-card.js" */
/** @import {TaskColumn} from "./task-column.js" */
/** @import {Content, Drawing, FactsOf, Place} from "./types.js" */

const FLAT_LANES = ["inbox"];
/** @type {Record<string, string>} */
const EMPTY = {
  inbox: "Nothing waits here. A task file dropped into the inbox folder appears at once.",
  assigned: "Nobody has a task in hand.",
  done: "Nothing is done yet.",
};

const NARROW = "(max-width: 760px)"; // as in task-board.css

export class TaskBoard extends HTMLElement {
  /** What a card shows besides its record; to be set before `show`. @type {FactsOf} */
  factsOf = /** @type {any} */ (() => ({}));
  #lanes = "";
  #folded = new Set(rememberedList("folded"));
  /** @type {Content | null} */
  #last = null;
  /** The list in which a card last had the focus. @type {TaskColumn["list"] | null} */
  #lastList = null;

  connectedCallback() {
    this.dataset.testid = "board";
    delegate(this, "click", "task-card a.card-title", (event, link) => {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const { id, path, isDuplicate } = /** @type {TaskCard} */ (link.closest("task-card")).record;
      emit(this, "task-open", { id, path: isDuplicate ? path : null });
    });
    delegate(this, "click", ".group-toggle", (_, button) => this.#fold(button.dataset));
    delegate(this, "click", ".lane-tab", (_, tab) => this.#goTo(tab.dataset.lane));
    this.addEventListener("focusin", ({ target }) => (this.#lastList = columnOf(target)?.list ?? null));
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * Show the records that pass, lane by lane.
   * @param {Drawing} drawing
   */
  show({ columns, filters, fresh, toTop }) {
    this.#last = { columns, filters };
    this.#build([...columns.keys()]);
    for (const column of this.columns) {
      const lane = column.dataset.lane ?? "";
      const { records, shown, total } = /** @type {Column} */ (columns.get(lane));
      const isGrouped = filters.group === "agent" && !FLAT_LANES.includes(lane);
      const items = isGrouped ? grouped(records, lane, (...of) => this.#folded.has(of.join("/"))) : records;
      const emptyText = total > 0 ? "No card here matches the filters." : (EMPTY[lane] ?? "Empty.");
      column.show({ items, shown, total, fresh, toTop, emptyText });
      one(this, `.lane-tab[data-lane="${CSS.escape(lane)}"] .tab-count`).textContent = count(shown);
    }
    if (toTop) this.#showHits(columns);
  }

  /**
   * Where one lane is seen at a time, a search must not end in an empty one while another has what was searched for.
   * @param {Content["columns"]} columns
   */
  #showHits(columns) {
    if (!matchMedia(NARROW).matches) return;
    const current = this.querySelector(".lane-tab[aria-current]")?.getAttribute("data-lane") ?? "";
    const lanes = [...columns].filter(([, { records }]) => records.length > 0).map(([lane]) => lane);
    if (lanes.length > 0 && !lanes.includes(current)) this.#goTo(lanes[0]);
  }

  /**
   * The facts of these tasks have changed; null: of all.
   * @param {Set<string> | null} keys
   */
  refresh(keys) {
    for (const column of this.columns) column.refresh(keys);
  }

  /** The lanes' elements, from left to right. */
  get columns() {
    return /** @type {TaskColumn[]} */ ([...this.querySelectorAll("task-column")]);
  }

  /**
   * Make the lanes' columns ready before there is anything to show in them.
   * @param {string[]} lanes
   */
  prepare(lanes) {
    this.#build(lanes);
  }

  /** Give the focus to the card that last had it, else to the first. */
  focusCard() {
    if (this.restoreFocus()) return;
    const place = firstOf(this.columns);
    if (place) this.#focus(place);
  }

  /** Give the focus to the card that last had it; false if there is none. */
  restoreFocus() {
    const columns = this.columns;
    const column = columns.findIndex((each) => each.list === this.#lastList && each.list.activeIndex >= 0);
    if (column >= 0) this.#focus({ column, index: columns[column].list.activeIndex });
    return column >= 0;
  }

  /** @param {string[]} lanes */
  #build(lanes) {
    if (this.#lanes === lanes.join("/")) return;
    this.#lanes = lanes.join("/");
    render(this, frame(lanes));
    this.style.setProperty("--lanes", String(lanes.length));
    const row = one(this, ".columns");
    for (const lane of lanes) {
      const column = /** @type {TaskColumn} */ (document.createElement("task-column"));
      column.setUp({ lane, factsOf: this.factsOf });
      row.append(column);
    }
    const watcher = new IntersectionObserver((entries) => entries.forEach((entry) => this.#seen(entry)), {
      root: row,
      threshold: 0.6,
    });
    for (const column of this.columns) watcher.observe(column);
  }

  /** @param {IntersectionObserverEntry} entry */
  #seen({ isIntersecting, target }) {
    if (!isIntersecting) return;
    for (const tab of this.querySelectorAll(".lane-tab")) {
      if (tab.getAttribute("data-lane") === target.getAttribute("data-lane")) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
  }

  /** @param {string | undefined} lane */
  #goTo(lane) {
    const column = this.columns.find((each) => each.dataset.lane === lane);
    column?.scrollIntoView({ behavior: wantsCalm() ? "instant" : "smooth", inline: "start", block: "nearest" });
  }

  /** @param {DOMStringMap} data */
  #fold({ lane, group }) {
    const key = `${lane}/${group}`;
    if (!this.#folded.delete(key)) this.#folded.add(key);
    remember("folded", JSON.stringify([...this.#folded]));
    this.show({ .../** @type {Content} */ (this.#last), fresh: new Map(), toTop: false });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const from = columnOf(event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || !from) return;
    const columns = this.columns;
    const column = columns.indexOf(from);
    const index = columns[column].list.activeIndex;
    const place = index < 0 ? null : walk(event.key, columns, { column, index });
    if (!place && !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    if (place) this.#focus(place);
  }

  /** @param {Place} place */
  #focus({ column, index }) {
    const element = this.columns[column];
    element.list.focus(index);
    element.scrollIntoView({ behavior: "instant", inline: "nearest", block: "nearest" });
  }
}

/** Make the element known. */
export function register() {
  define("task-board", TaskBoard);
}

/** @param {EventTarget | null} target */
function columnOf(target) {
  return /** @type {TaskColumn | null} */ (/** @type {Element} */ (target).closest("task-column"));
}

/** @param {string[]} lanes */
function frame(lanes) {
  return html`<nav class="lane-tabs" aria-label="Lanes">
      ${lanes.map((lane) => html`<button type="button" class="lane-tab" data-lane="${lane}">${sentenceCase(lane)} <span class="tab-count">0</span></button>`)}
    </nav>
    <div class="columns"></div>`;
}
