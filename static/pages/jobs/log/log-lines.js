/** The lines of a log in their scrolling list: what each row shows, what is unfolded, which line is linked. */
import { clock } from "../../../lib/format.js";
import { one } from "../../../lib/dom.js";
import { RowScroller } from "../../../ui/row-scroller.js";
import { phaseLabel } from "../statuses.js";
import { fillRow, makeRow } from "./log-row.js";
/** @import {LogLine} from "../../../lib/types.js" */
/** @import {PhaseStart} from "../types.js" */
/** @import {LogModel} from "./log-model.js" */
/** @import {LogSearch} from "./log-search.js" */

const ROW_PX = 20;

export class LogLines {
  /** @type {LogModel | null} */
  model = null;
  /** Number of the line that the address names. @type {number | null} */
  linked = null;
  /** Numbers of long lines that are shown whole. @type {Set<number>} */
  #whole = new Set();
  /** By number of the line under which they are. @type {Map<number, LogLine[]>} */
  #folded = new Map();
  /** @type {Map<number, PhaseStart>} */
  #phases = new Map();
  #phasesOf = /** @type {PhaseStart[] | null} */ (null);
  #root;
  #search;
  #scroller;

  /**
   * `root` has the frame of the viewer; `onMove()` is called when the place is another.
   * @param {HTMLElement} root
   * @param {LogSearch} search
   * @param {() => void} onMove
   */
  constructor(root, search, onMove) {
    this.#root = root;
    this.#search = search;
    this.#scroller = new RowScroller(one(root, ".log-view"), one(root, ".log-space"), one(root, ".log-block"), {
      rowHeight: ROW_PX,
      make: makeRow,
      fill: (element, row) => fillRow(element, this.#stateOf(row)),
      onDraw: ({ first, end, isJump }) => this.model?.want(first, end, isJump),
      onMove: () => {
        this.#sayWhere();
        onMove();
      },
    });
  }

  /** Another log, or another view of it. @param {LogModel} model */
  show(model) {
    if (model.head?.run !== this.model?.head?.run) {
      this.#folded.clear();
      delete this.#root.dataset.times;
    }
    this.model = model;
    this.draw();
  }

  /** Draw what has changed. */
  draw() {
    this.#scroller.rows = this.model?.rows ?? 0;
  }

  get scroller() {
    return this.#scroller;
  }

  /** Number of the line at the upper edge; null if that is not known. */
  get firstSeq() {
    return this.model?.at(this.#scroller.first)?.line?.seq ?? null;
  }

  /** The row of a line that exists; -1 if it does not. @param {number} seq */
  rowOf(seq) {
    const element = this.#scroller.elements.find(({ dataset }) => dataset.seq === String(seq));
    return element?.row ?? -1;
  }

  /** Show a long line whole. @param {number} seq */
  showWhole(seq) {
    this.#whole.add(seq);
    this.draw();
  }

  /**
   * Show the lines that are left out under a line, or leave them out again; `load()` gives them.
   * @param {number} seq
   * @param {() => Promise<LogLine[]>} load
   */
  async toggleFold(seq, load) {
    if (!this.#folded.delete(seq)) this.#folded.set(seq, await load());
    this.draw();
  }

  /** How many lines after a row are left out. @param {number} row */
  hiddenAfter(row) {
    const model = this.model;
    if (!model?.head || model.query.view !== "user" || model.query.levels.length > 0 || model.query.phase) return 0;
    const line = model.at(row)?.line;
    const next = model.at(row + 1)?.line;
    return line && next ? next.seq - line.seq - 1 : 0;
  }

  /** @param {number} row @returns {import("./log-row.js").RowState} */
  #stateOf(row) {
    const item = this.model?.at(row);
    const seq = item?.line?.seq ?? -1;
    if (item?.line?.time) this.#root.dataset.times = ""; // there is a column for times only where there are some
    const { text, isRegex, current, matches } = this.#search;
    return {
      item,
      phase: this.phaseAt(row),
      hidden: this.hiddenAfter(row),
      folded: this.#folded.get(seq) ?? null,
      isWhole: this.#whole.has(seq),
      isLinked: seq === this.linked,
      isCurrent: seq === current?.seq,
      word: text && !isRegex ? text : null,
      found: (text && isRegex && matches.find((match) => match.seq === seq)?.ranges) || null,
    };
  }

  /** The phase that begins at a row. @param {number} row @returns {PhaseStart | undefined} */
  phaseAt(row) {
    const head = this.model?.head;
    if (!head) return undefined;
    if (row < head.rows) {
      if (this.#phasesOf !== head.phases) this.#phases = new Map(head.phases.map((phase) => [phase.row, phase]));
      this.#phasesOf = head.phases;
      return this.#phases.get(row);
    }
    const line = this.model?.at(row)?.line;
    const before = this.model?.at(row - 1)?.line;
    if (!line || line.phase === before?.phase || (!before && line.phase === "idle")) return undefined;
    return { phase: line.phase, row, seq: line.seq, time: line.time };
  }

  /** Which phase is at the upper edge. */
  #sayWhere() {
    const line = this.model?.at(this.#scroller.first)?.line;
    const place = one(this.#root, ".log-here");
    place.hidden = !line || line.phase === "idle";
    if (line) place.textContent = [phaseLabel(line.phase), clock(line.time)].filter(Boolean).join(" · ");
  }
}
