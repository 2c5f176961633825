/**
 * Draws the board once per animation frame, with all that happened since the last one, and leaves marks by which it can be
 * measured: `<html data-applied-seq>` and performance marks `task-painted:<id>`, both set once the frame is on the screen.
 */
import { afterPaint, oncePerFrame } from "../lib/frame.js";
import { isFiltering } from "./view.js";

const MARKS_KEPT = 200;

export class Painter {
  #board;
  #view;
  #draw;
  #filters = {};
  #filtersChanged = true;
  #marks = [];

  /** `draw({columns, totals, filters, fresh, toTop, shown, total, isFiltering})` is called in the frame. */
  constructor(board, view, draw) {
    this.#board = board;
    this.#view = view;
    this.#draw = draw;
    this.schedule = oncePerFrame(() => this.#paint());
  }

  /** Take other filters; they are applied in the next frame. */
  setFilters(filters) {
    if (JSON.stringify(filters) === JSON.stringify(this.#filters)) return;
    this.#filters = filters;
    this.#filtersChanged = true;
    this.schedule();
  }

  #paint() {
    const changes = this.#board.takeChanges();
    const filters = this.#filters;
    this.#view.update(changes, filters.sort);
    const columns = this.#view.columns(filters);
    const totals = this.#totals();
    this.#draw({
      columns,
      totals,
      filters,
      fresh: changes.fresh,
      toTop: this.#filtersChanged,
      shown: sum([...columns.values()].map((records) => records.length)),
      total: sum([...totals.values()]),
      isFiltering: isFiltering(filters),
    });
    this.#filtersChanged = false;
    afterPaint(() => this.#painted(changes));
  }

  #totals() {
    const totals = new Map(this.#board.lanes.map((lane) => [lane, 0]));
    for (const { lane } of this.#board.records.values()) totals.set(lane, totals.get(lane) + 1);
    return totals;
  }

  #painted({ seq, all, fresh }) {
    if (seq === null && !all) return;
    document.documentElement.dataset.appliedSeq = String(seq ?? this.#board.seq);
    if (fresh.size > MARKS_KEPT) return;
    for (const key of fresh.keys()) {
      this.#marks.push(performance.mark(`task-painted:${key}`).name);
      if (this.#marks.length > MARKS_KEPT) performance.clearMarks(this.#marks.shift());
    }
  }
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
