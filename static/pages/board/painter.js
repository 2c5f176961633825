/**
 * Draws the board once per animation frame, with all that happened since the last one, and leaves marks by which it can be
 * measured: `<html data-applied-seq>` and performance marks `task-painted:<id>`, both set once the frame is on the screen.
 */
import { afterPaint, oncePerFrame } from "../../lib/signals.js";
import { isFiltering } from "../../stores/view.js";
/** @import {BoardChanges, Filters} from "../../lib/types.js" */
/** @import {Board} from "../../stores/board.js" */
/** @import {View} from "../../stores/view.js" */
/** @import {Picture} from "./types.js" */

const MOST_MARKS = 200;
/** What decides which cards are shown, and in which order; folding and the like leaves the reader where they are. */
const CONTENT = /** @type {const} */ (["q", "host", "agent", "priority", "status", "tag", "flag", "sort", "group"]);

export class Painter {
  #board;
  #view;
  #draw;
  /** @type {Filters} */
  #filters = {};
  #filtersChanged = true;
  #isNew = false; // a snapshot has been prepared and not yet drawn
  #mustDraw = true;
  /** @type {string[]} */
  #marks = [];

  /**
   * `draw(picture)` is called in the frame.
   * @param {Board} board
   * @param {View} view
   * @param {(picture: Picture) => void} draw
   */
  constructor(board, view, draw) {
    this.#board = board;
    this.#view = view;
    this.#draw = draw;
    this.schedule = oncePerFrame(() => this.#paint());
  }

  /** Draw in the next frame, whether or not the board has changed: something around it has. */
  redraw() {
    this.#mustDraw = true;
    this.schedule();
  }

  /**
   * Take other filters; they are applied in the next frame.
   * @param {Filters} filters
   */
  setFilters(filters) {
    if (JSON.stringify(filters) === JSON.stringify(this.#filters)) return;
    if (CONTENT.some((name) => filters[name] !== this.#filters[name])) this.#filtersChanged = true;
    this.#filters = filters;
    this.redraw();
  }

  /** Sort a snapshot in a separate turn, so that the frame which draws it stays short. */
  prepare() {
    this.#view.update(this.#board.takeChanges(), this.#filters.sort);
    this.#isNew = this.#mustDraw = true;
  }

  #paint() {
    const changes = this.#board.takeChanges();
    const hasEvents = changes.seq !== null || (this.#isNew && this.#board.seq !== null);
    if (this.#mustDraw || changes.all || changes.changed.size > 0 || changes.stale.size > 0) this.#drawNow(changes);
    this.#filtersChanged = this.#isNew = this.#mustDraw = false;
    if (hasEvents) afterPaint(() => this.#painted(changes));
  }

  /** @param {BoardChanges} changes */
  #drawNow(changes) {
    const filters = this.#filters;
    this.#view.update(changes, filters.sort);
    const columns = this.#view.columns(filters);
    const all = [...columns.values()];
    const cards = all.reduce((sum, { shown }) => sum + shown, 0);
    this.#draw({
      columns,
      filters,
      fresh: changes.fresh,
      toTop: this.#filtersChanged,
      cards,
      total: all.reduce((sum, column) => sum + column.total, 0),
      isFiltering: isFiltering(filters),
    });
  }

  /** @param {BoardChanges} changes */
  #painted({ seq, fresh }) {
    document.documentElement.dataset.appliedSeq = String(seq ?? this.#board.seq);
    if (fresh.size > MOST_MARKS) return;
    for (const key of fresh.keys()) {
      this.#marks.push(performance.mark(`task-painted:${key}`).name);
      if (this.#marks.length > MOST_MARKS) performance.clearMarks(this.#marks.shift());
    }
  }
}
