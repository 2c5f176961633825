/** The page of the board: joins the stores to the columns and the filters. */
import { define, listen } from "../../lib/dom.js";
import { effect, whenIdle } from "../../lib/signals.js";
import { facetsOf } from "../../stores/records.js";
import { View, isPlain } from "../../stores/view.js";
import { showState, stateOf } from "./board-state.js";
import * as filterBar from "./filter-bar.js";
import { LastKnown } from "./last-known.js";
import { Painter } from "./painter.js";
import * as taskBoard from "./task-board.js";
import * as taskCard from "./task-card.js";
import * as taskColumn from "./task-column.js";
/** @import {Dashboard, Route} from "../../lib/types.js" */
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
    this.#painter = new Painter(board, new View(board), (picture) => this.#draw(picture));
    this.#columns.factsOf = (record) => ({
      dependencies: board.dependencyState(record.task),
      files: board.filesWith(record.id),
      quiet: { ...board.quietSince(record), staleAfter_ms: board.staleAfter_ms },
      cost: record.isDuplicate ? undefined : costs.ofTask(record.id), // calls name an id: they belong to the file that leads
      evidence: evidence.ofTask(record.key),
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
    this.#columns.prepare(board.lanes);
    if (board.epoch !== null || board.counts) this.#painter.prepare();

    for (const name of /** @type {const} */ (["preview", "snapshot"])) board.addEventListener(name, () => this.#painter.prepare());
    costs.addEventListener("tasks", ({ detail }) => this.#columns.refresh(detail));
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
  show({ filters }) {
    this.head.filters = filters;
    this.#painter.setFilters(filters);
  }

  /** @param {Picture} picture */
  #draw(picture) {
    const { status, health, degraded } = this.#dashboard;
    const root = health.peek()?.watchers[0]?.root ?? null;
    const trouble = degraded.peek().find((one) => one.root === root && AWAY.has(one.mode)) ?? null;
    const shown = this.#lastKnown.of(picture, trouble !== null);
    const isKnown = this.#board.epoch !== null || (this.#board.counts !== null && isPlain(picture.filters));
    if (isKnown) {
      this.#columns.show(shown);
      this.head.showCounts(shown);
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
    const focus = () => this.#columns.focusCard();
    document.addEventListener("board-focus", focus);
    document.addEventListener("task-close", () => {
      // The browser gives the focus back to what had it, unless that was drawn anew in the meantime.
      const { activeElement } = document;
      if (isShown() && (activeElement === document.body || activeElement?.closest("task-detail"))) this.#columns.restoreFocus();
    });
    const arrows = ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"];
    listen(
      {
        "/": () => this.head.focusSearch(),
        g: () => this.head.toggleGroup(),
        ...Object.fromEntries(arrows.map((key) => [key, focus])),
      },
      isShown,
    );
  }
}

/** Make the elements of the page known. */
export function register() {
  // What is inside of others comes first.
  for (const part of [taskCard, taskColumn, taskBoard, filterBar]) part.register();
  define(tag, BoardPage);
}
