/** The page of the board: joins the stores to the columns and the filters. */
import { define, emit, listen } from "../../lib/dom.js";
import { effect, whenIdle } from "../../lib/signals.js";
import { facetsOf } from "../../stores/records.js";
import { View, isPlain } from "../../stores/view.js";
import { showState, stateOf } from "./board-state.js";
import * as filterBar from "./filter-bar.js";
import { LastKnown } from "./last-known.js";
import { placeIn, shownOrder } from "./order.js";
import { Painter } from "./painter.js";
import * as taskBoard from "./task-board.js";
import * as taskCard from "./task-card.js";
import * as taskColumn from "./task-column.js";
/** @import {Dashboard, Markup, Route} from "../../lib/types.js" */
/** @import {Board} from "../../stores/board.js" */
/** @import {Picture} from "./types.js" */

const FACETS_MS = 300;
const STALE_MS = 60_000; // what becomes stale meanwhile is counted and filtered so late
/** How a folder of tasks can be away, and what is said of it. */
const AWAY = new Map([
  ["missing", "is missing"],
  ["unreadable", "cannot be read"],
]);

export const tag = "board-page";

export class BoardPage extends HTMLElement {
  /** What is shown in the header of the window. */
  head = /** @type {filterBar.FilterBar} */ (document.createElement("filter-bar"));
  #columns = /** @type {taskBoard.TaskBoard} */ (document.createElement("task-board"));
  #state = document.createElement("div");
  #note = document.createElement("p");
  #lastKnown = new LastKnown();
  /** @type {Dashboard} */
  #dashboard = /** @type {any} */ (null);
  /** @type {Board} */
  #board = /** @type {any} */ (null);
  /** @type {Painter} */
  #painter = /** @type {any} */ (null);

  /**
   * `dashboard` is what every page is given.
   * @param {Dashboard} dashboard
   */
  setUp(dashboard) {
    this.#dashboard = dashboard;
    const { stores, status, health, degraded } = dashboard;
    const [board, evidence, costs] = [stores.get("tasks"), stores.get("evidence"), stores.get("costs")];
    const drawFacets = whenIdle(FACETS_MS, () => {
      if (!board.counts) this.head.facets = facetsOf(board);
    });
    this.#board = board;
    /** @type {(observer: string) => Markup | null} */
    let hostMark = () => null;
    const view = new View(board);
    this.#painter = new Painter(board, view, (picture) => this.#draw(picture));
    this.#columns.board = board;
    this.#columns.factsOf = (record) => ({
      dependencies: board.dependencyState(record.task),
      files: board.filesWith(record),
      quiet: { ...board.quietSince(record), staleAfter_ms: board.staleAfter_ms },
      cost: board.costOf(record),
      evidence: record.host === undefined ? evidence.ofTask(record.key) : board.others?.evidenceOf(record.task),
      host: hostMark(board.hostOf(record)),
      isOld: record.host !== undefined && stores.hosts.peek()?.isLive(record.host) === false,
    });
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", "Board");
    this.#columns.hidden = true;
    this.#state.className = "board-state";
    this.#note.className = "board-note";
    this.#note.dataset.testid = "board-note";
    this.#note.setAttribute("role", "status");
    this.#note.hidden = true;
    this.append(this.#note, this.#columns, this.#state);
    this.#columns.prepare(board.lanes, dashboard.route.peek().filters);
    if (board.epoch !== null || board.counts) this.#painter.prepare();

    for (const name of /** @type {const} */ (["preview", "snapshot"])) board.addEventListener(name, () => this.#painter.prepare());
    costs.addEventListener("tasks", ({ detail }) => {
      this.#columns.refresh(detail);
      // Order and sums may be others.
      if (view.touch(detail) || dashboard.route.peek().filters.group) this.#painter.redraw();
    });
    evidence.addEventListener("change", ({ detail: keys }) => {
      this.#columns.refresh(keys);
      drawFacets();
      if (dashboard.route.peek().filters.flag === "evidence_missing") this.#painter.redraw();
    });
    effect(() => {
      board.revision.value;
      drawFacets();
      if (board.counts) this.#painter.schedule();
    });
    effect(() => {
      const { value: hosts } = stores.hosts;
      if (hosts === null) return;
      hosts.revision.value;
      hostMark = (observer) => hosts.markOf(observer);
      this.head.hosts = new Map(hosts.isMany ? [...hosts.members.keys()].map((observer) => [observer, hosts.labelOf(observer)]) : []);
      this.#columns.hostNames = this.head.hosts;
      this.#columns.refresh(null);
      drawFacets();
      this.#painter.redraw();
    });
    setInterval(() => {
      if (document.hidden || board.staleAfter_ms === 0) return;
      drawFacets();
      if (dashboard.route.peek().filters.flag === "stale") this.#painter.redraw();
    }, STALE_MS);
    effect(() => {
      stores.position.value;
      this.#painter.schedule();
    });
    effect(() => {
      health.value;
      degraded.value;
      this.#painter.redraw();
    });
    effect(() => {
      status.value;
      if (board.epoch === null || board.tasks.size === 0) this.#painter.redraw();
    });
    this.#listen();
  }

  /**
   * Show the cards that pass the route's filters.
   * @param {Route} route
   */
  show({ filters, task, path }) {
    this.head.lanes = this.#board.lanes;
    this.head.filters = filters;
    this.#painter.setFilters(filters);
    this.#columns.current = task === null ? null : this.#keyOf(task, path);
    if (shownOrder.peek() === null) this.#painter.redraw();
  }

  /** Another page is shown: there is no next card. */
  hide() {
    shownOrder.value = null;
  }

  /**
   * The key of the card of a task.
   * @param {string} id
   * @param {string | null} path
   */
  #keyOf(id, path) {
    const other = `${id}\n${path}`;
    return path !== null && this.#board.records.has(other) ? other : id;
  }

  /** @param {Picture} picture */
  #draw(picture) {
    const { status, health, degraded } = this.#dashboard;
    const root = health.peek()?.watchers[0]?.root ?? null;
    const trouble = degraded.peek().find((one) => one.root === root && AWAY.has(one.mode)) ?? null;
    const shown = this.#lastKnown.of(picture, trouble !== null);
    const isKnown = this.#board.epoch !== null || (this.#board.counts !== null && isPlain(picture.filters));
    this.head.lanes = this.#board.lanes;
    if (isKnown) {
      this.#columns.show(shown);
      this.head.showCounts(shown);
      if (this.#dashboard.route.peek().page === "board") shownOrder.value = this.#columns.order;
    }
    const kind = stateOf(shown, status.peek().state, isKnown, trouble !== null);
    showState(this.#state, kind, { loading: status.peek().loading, root });
    this.#columns.hidden = kind !== null;
    this.#columns.toggleAttribute("data-old", trouble !== null);
    this.#note.hidden = trouble === null || kind !== null;
    if (trouble) this.#note.textContent = `${trouble.root} ${AWAY.get(trouble.mode)}. The cards are as they were last.`;
  }

  #listen() {
    const isShown = () => this.#dashboard.route.peek().page === "board";
    // Beside the board there may be a task, in which keys have meanings of their own.
    const hasKeys = () => isShown() && !document.activeElement?.closest("task-detail");
    const focus = () => this.#columns.focusCard();
    document.addEventListener("board-focus", focus);
    document.addEventListener("task-close", () => {
      // The browser gives the focus back to what had it, unless that was drawn anew in the meantime.
      const { activeElement } = document;
      if (isShown() && (activeElement === document.body || activeElement?.closest("task-detail"))) this.#columns.restoreFocus();
    });
    const arrows = ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"];
    document.addEventListener("task-step", ({ detail: { by } }) => isShown() && this.#step(by));
    listen({ g: () => this.head.toggleGroup(), v: () => this.head.toggleMenu() }, isShown);
    listen({ ...Object.fromEntries(arrows.map((key) => [key, focus])) }, hasKeys);
  }

  /**
   * Open the next card or the one before.
   * @param {number} by
   */
  #step(by) {
    const { task, path } = this.#dashboard.route.peek();
    if (task === null) return;
    const { before, after } = placeIn(shownOrder.peek() ?? [], task, path);
    const to = by < 0 ? before : after;
    if (to) emit(this, "task-open", { id: to.id, path: to.isDuplicate ? to.path : null, isStep: true });
  }
}

/** Make the elements of the page known. */
export function register() {
  // What is inside of others comes first.
  for (const part of [taskCard, taskColumn, taskBoard, filterBar]) part.register();
  define(tag, BoardPage);
}
