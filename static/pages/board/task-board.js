/**
 * The board: a column per lane, side by side, or in groups below each other; on a phone one lane at a time, to be swiped or
 * selected by its tab. Emits `task-open {id, path}` and `filters-change {changes}`.
 */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { lazily } from "../../lib/lazy.js";
import { groupIn } from "../../stores/groups.js";
import { lanesOf, shutGroups, toggledGroup, toggledLane } from "../../stores/lane-choice.js";
import { CardFocus } from "./card-focus.js";
import { LaneTabs, tabs } from "./lane-tabs.js";
/** @import {Column, Filters, TaskRecord} from "../../lib/types.js" */
/** @import {LaneChoice} from "../../stores/lane-choice.js" */
/** @import {Board} from "../../stores/board.js" */
/** @import {Swimlane} from "../../stores/swimlanes.js" */
/** @import {TaskCard} from "./task-card.js" */
/** @import {TaskColumn} from "./task-column.js" */
/** @import {TaskSwimlanes} from "./task-swimlanes.js" */
/** @import {Content, Drawing, FactsOf, Look} from "./types.js" */

/** @type {Record<string, string>} */
const EMPTY = {
  inbox: "Nothing waits here. A task file dropped into the inbox folder appears at once.",
  assigned: "Nobody has a task in hand.",
  done: "Nothing is done yet.",
};

const loadGrouping = lazily(() => import("./grouping.js"), import.meta.resolve("./grouping.js"));
const NARROW = "(max-width: 760px)"; // as in task-board.css

export class TaskBoard extends HTMLElement {
  /** What a card shows besides its record; to be set before `show`. @type {FactsOf} */
  factsOf = /** @type {any} */ (() => ({}));
  /** Whose cards they are; to be set before `show`. @type {Board} */
  board = /** @type {any} */ (null);
  /** What the hosts are called, where there are several. @type {Map<string, string>} */
  hostNames = new Map();
  /** The cards in the order in which they are read. @type {TaskRecord[][]} */
  order = [];
  #built = "";
  /** @type {Filters} */
  #filters = {};
  /** @type {Content | null} */
  #last = null;
  #tabs = new LaneTabs(this);
  #focus = new CardFocus(this);
  /** @type {string | null} */
  #current = null;
  #narrow = matchMedia(NARROW);
  /** What groups need; null while it is not loaded: then they are not shown. @type {Look["heads"]} */
  #grouping = null;
  #asked = "";

  connectedCallback() {
    this.dataset.testid = "board";
    delegate(this, "click", "task-card a.card-title", (event, link) => {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const { id, path, isDuplicate, host } = /** @type {TaskCard} */ (link.closest("task-card")).record;
      if (host !== undefined) return emit(this, "host-open", { observer: host, kind: "tasks", id, path: isDuplicate ? path : null });
      emit(this, "task-open", { id, path: isDuplicate ? path : null });
    });
    delegate(this, "click", ".group-toggle", (_, button) => this.#change(toggledGroup(this.#filters, button.dataset.group ?? "")));
    delegate(this, "click", ".lane-fold", (_, { dataset: { lane = "" } }) => {
      this.#change(toggledLane(this.#filters, "fold", lane));
      /** @type {HTMLElement | null} */ (this.querySelector(`.lane-fold[data-lane="${CSS.escape(lane)}"]`))?.focus();
    });
    delegate(this, "click", ".lane-tab", (_, tab) => this.#tabs.goTo(tab.dataset.lane));
    this.#narrow.addEventListener("change", () => this.#again());
  }

  /**
   * Show the records that pass, lane by lane.
   * @param {Drawing} drawing
   */
  show({ columns, filters, fresh, toTop }) {
    this.#last = { columns, filters };
    this.#filters = filters;
    const lanes = lanesOf(filters, [...columns.keys()]).filter(({ isHidden }) => !isHidden);
    const group = this.#groupOf(filters);
    const isSwim = group !== null && !this.#narrow.matches;
    const heads = this.#grouping;
    const look = { density: filters.density ?? "", group, heads, current: this.#current, hostNames: this.hostNames };
    const shown = new Map(lanes.map(({ name }) => [name, /** @type {Column} */ (columns.get(name))]));
    const swimlanes = group === null || !heads ? [] : heads.swimlanesOf(shown, group, this.board);
    const shut = shutGroups(filters);
    this.dataset.density = look.density;
    this.#build(lanes, isSwim);
    const open = lanes.filter(({ isFolded }) => !isFolded || this.#narrow.matches).map(({ name }) => name);
    const seen = swimlanes.filter(({ value }) => !shut.has(value));
    const cardsOf = (/** @type {string} */ lane) => /** @type {Column} */ (shown.get(lane)).records;
    this.order = group === null ? open.map(cardsOf) : seen.flatMap((each) => open.map((lane) => each.lanes.get(lane) ?? []));
    if (isSwim && heads) this.swim?.show({ items: heads.inRows(swimlanes, open, shut), lanes, columns, fresh, toTop, look });
    else this.#showColumns({ lanes, shown, swimlanes, shut, fresh, toTop, look });
    if (toTop && this.#narrow.matches) this.#tabs.showHits(shown);
  }

  /**
   * By what to group; null while what that needs is not loaded.
   * @param {Filters} filters
   */
  #groupOf(filters) {
    const group = groupIn(filters.group);
    if (group !== null && !this.#grouping && this.#asked !== group) {
      this.#asked = group; // not at every frame, if it cannot be had
      this.#load();
    }
    return this.#grouping ? group : null;
  }

  async #load() {
    try {
      const { grouping, register: registerAll } = await loadGrouping();
      registerAll();
      this.#grouping = grouping;
      this.#again();
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      emit(document, "toast", { tone: "warn", title: "The groups cannot be shown", text: message });
    }
  }

  /** @param {{lanes: LaneChoice[], shown: Map<string, Column>, swimlanes: Swimlane[], shut: Set<string>, fresh: Map<string, string>, toTop: boolean, look: Look}} content */
  #showColumns({ shown, swimlanes, shut, look, ...rest }) {
    for (const column of this.columns) {
      const lane = column.dataset.lane ?? "";
      const { records, shown: size, total } = /** @type {Column} */ (shown.get(lane));
      const items = look.group === null || !look.heads ? records : look.heads.grouped(swimlanes, lane, shut);
      const emptyText = total > 0 ? "No card here matches the filters." : (EMPTY[lane] ?? "Empty.");
      column.show({ items, shown: size, total, emptyText, look, fresh: rest.fresh, toTop: rest.toTop });
      this.#tabs.setCount(lane, size);
    }
  }

  /**
   * The card that is open beside the board; null: none.
   * @param {string | null} key
   */
  set current(key) {
    if (key === this.#current) return;
    this.#current = key;
    this.#again();
    if (key !== null) this.#focus.reveal(key);
  }

  /**
   * The facts of these tasks have changed; null: of all.
   * @param {Set<string> | null} keys
   */
  refresh(keys) {
    for (const holder of this.holders) holder.refresh(keys);
  }

  /** The lanes' elements, from left to right. */
  get columns() {
    return /** @type {TaskColumn[]} */ ([...this.querySelectorAll("task-column")]);
  }

  /**
   * Make the lanes' columns ready before there is anything to show in them.
   * @param {string[]} lanes
   * @param {Filters} filters
   */
  prepare(lanes, filters) {
    const shown = lanesOf(filters, lanes).filter(({ isHidden }) => !isHidden);
    this.#build(shown, this.#groupOf(filters) !== null && !this.#narrow.matches);
  }

  /** Give the focus to the card that last had it, else to the first. */
  focusCard() {
    this.#focus.take();
  }

  /** Give the focus to the card that last had it; false if there is none. */
  restoreFocus() {
    return this.#focus.restore();
  }

  /** The groups below each other, if there are any. */
  get swim() {
    return /** @type {TaskSwimlanes | null} */ (this.querySelector("task-swimlanes"));
  }

  /** What lists cards. */
  get holders() {
    const { swim } = this;
    return swim ? [swim] : this.columns;
  }

  /** @param {Filters} changes */
  #change(changes) {
    emit(this, "filters-change", { changes });
    // The route says so at once, the frame that draws it comes later: what was pressed must be there again for the focus.
    if (this.#last) this.show({ columns: this.#last.columns, filters: { ...this.#filters, ...changes }, fresh: new Map(), toTop: false });
  }

  #again() {
    if (this.#last) this.show({ ...this.#last, fresh: new Map(), toTop: false });
  }

  /**
   * @param {LaneChoice[]} lanes
   * @param {boolean} isSwim
   */
  #build(lanes, isSwim) {
    const folded = lanes.map((lane) => ({ ...lane, isFolded: lane.isFolded && !this.#narrow.matches }));
    const wanted = `${isSwim} ${isSwim ? "" : JSON.stringify(folded)}`;
    if (this.#built === wanted) return;
    this.#built = wanted;
    if (isSwim) {
      const swim = /** @type {TaskSwimlanes} */ (document.createElement("task-swimlanes"));
      this.replaceChildren(swim);
      swim.setUp(this.factsOf);
      return;
    }
    render(this, html`${tabs(lanes.map(({ name }) => name))}<div class="columns"></div>`);
    const row = one(this, ".columns");
    row.style.setProperty("--columns", folded.map(({ isFolded }) => (isFolded ? "44px" : "minmax(256px, 1fr)")).join(" "));
    for (const lane of folded) {
      const column = /** @type {TaskColumn} */ (document.createElement("task-column"));
      column.setUp({ lane, factsOf: this.factsOf });
      row.append(column);
    }
    this.#tabs.watch();
  }
}

/** Make the element known. */
export function register() {
  define("task-board", TaskBoard);
}
