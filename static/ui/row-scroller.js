/**
 * A list of any number of rows, asked for by number, of which only those around the view exist. Rows may have any height; it
 * sticks to its end when it is there. The arithmetic is in lib/row-window.js.
 */
import { RowWindow } from "../lib/row-window.js";
import { oncePerFrame } from "../lib/signals.js";

const OVERSCAN = 12; // rows around the view
const REST_MS = 120;

/** @typedef {HTMLElement & {row?: number}} RowElement */
/**
 * `make()` returns an element of a row, `fill(element, row)` shows that row in it; `onDraw({first, end})` is told which rows
 * exist now, `onMove()` that the place is another.
 * @typedef {object} RowOptions
 * @property {number} rowHeight
 * @property {() => RowElement} make
 * @property {(element: RowElement, row: number) => void} fill
 * @property {(range: {first: number, end: number, isJump: boolean}) => void} onDraw
 * @property {() => void} [onMove]
 */

export class RowScroller {
  /** It stays at the end when rows come. */
  isStuck = false;
  #viewport;
  #space;
  #block;
  #options;
  #window;
  #scrollTop = 0;
  #isJump = false;
  #first = 0; // the first row that exists
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rest;
  #redraw = oncePerFrame(() => this.draw());

  /**
   * `viewport` scrolls; `space` in it is as high as the list, `block` in that holds the rows.
   * @param {HTMLElement} viewport
   * @param {HTMLElement} space
   * @param {HTMLElement} block
   * @param {RowOptions} options
   */
  constructor(viewport, space, block, options) {
    this.#viewport = viewport;
    this.#space = space;
    this.#block = block;
    this.#options = options;
    this.#window = new RowWindow(options.rowHeight);
    viewport.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(viewport);
  }

  /** Draw in the next frame. */
  get schedule() {
    return this.#redraw;
  }

  /** How many rows there are. @param {number} rows */
  set rows(rows) {
    const { row } = this.#window;
    this.#window.rows = rows;
    if (row >= rows) this.#window.to(Math.max(0, rows - 1));
    this.#redraw();
  }

  /** The first row in view. */
  get first() {
    return this.#window.row;
  }

  /** How many rows fill the view. */
  get page() {
    return this.#window.page;
  }

  /** Whether the last row is in view. */
  get isAtEnd() {
    return this.#window.isAtEnd;
  }

  /** The elements that exist. */
  get elements() {
    return /** @type {RowElement[]} */ ([...this.#block.children]);
  }

  /** To the end, and stay there. */
  toEnd() {
    this.isStuck = true;
    this.#isJump = true;
    this.#redraw();
  }

  /**
   * Bring a row into view, a third of the view below its upper edge.
   * @param {number} row
   */
  reveal(row) {
    this.isStuck = false;
    this.#isJump = true;
    this.#window.to(row, this.#window.view / 3);
    this.#redraw();
  }

  /** Draw now; what exists is measured once. */
  draw() {
    const window = this.#window;
    if (window.view === 0) return; // it is hidden
    if (this.isStuck) window.toEnd();
    this.#fill();
    // Rows may be higher than was thought: then fewer fit in at the end.
    if (this.isStuck) {
      window.toEnd();
      if (window.row < this.#first) this.#fill();
    }
    this.#space.style.height = `${Math.max(window.height, window.view)}px`;
    if (this.isStuck || this.#isJump || this.#isOut()) this.#settle();
    this.#place();
    this.#isJump = false;
    this.#options.onMove?.();
  }

  #fill() {
    const { rows, row, page } = this.#window;
    const first = Math.max(0, row - OVERSCAN);
    const end = Math.min(rows, row + page + OVERSCAN);
    this.#first = first;
    this.#options.onDraw({ first, end, isJump: this.#isJump });
    reuse(this.#block, first, end, this.#options.make);
    for (const element of this.elements) this.#options.fill(element, element.row ?? 0);
    this.#window.measured(first, this.elements.map((element) => element.offsetHeight));
  }

  /** Put the rows where they are seen in the right place. */
  #place() {
    const { row, offset } = this.#window;
    let top = this.#scrollTop - offset;
    for (let each = this.#first; each < row; each += 1) top -= this.#window.heightOf(each);
    this.#block.style.transform = `translateY(${Math.round(top)}px)`;
  }

  #scrolled() {
    const { scrollTop } = this.#viewport;
    if (Math.abs(scrollTop - this.#scrollTop) < 1) return; // we did it ourselves
    this.#isJump ||= Math.abs(scrollTop - this.#scrollTop) > this.#window.view;
    this.#window.scrolled(this.#scrollTop, scrollTop);
    this.#scrollTop = scrollTop;
    this.isStuck = this.#window.isAtEnd;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#rested(), REST_MS);
    this.draw();
  }

  /** True if the scroll bar is at an end and the list is not. */
  #isOut() {
    const { range, row, isAtEnd } = this.#window;
    return (this.#scrollTop <= 0 && row > 0) || (range > 0 && this.#scrollTop >= range && !isAtEnd);
  }

  /** Scrolling is over: the scroll bar says again where one is. */
  #rested() {
    this.#settle();
    this.#place();
  }

  #settle() {
    const wanted = Math.round(this.#window.position);
    if (Math.abs(wanted - this.#viewport.scrollTop) >= 1) this.#viewport.scrollTop = wanted;
    this.#scrollTop = this.#viewport.scrollTop;
  }

  #resized() {
    this.#window.view = this.#viewport.clientHeight;
    if (!this.isStuck) this.#window.move(0);
    this.#isJump = true; // the scroll bar may have to be elsewhere
    this.#redraw();
  }
}

/**
 * Make the children of `block` those of rows `first` to `end`, in order; those that go out at one end come in at the other.
 * @param {HTMLElement} block
 * @param {number} first
 * @param {number} end
 * @param {() => RowElement} make
 */
function reuse(block, first, end, make) {
  const spare = /** @type {RowElement[]} */ ([...block.children]).filter(({ row = -1 }) => row < first || row >= end);
  for (const element of spare) element.remove();
  const next = (/** @type {number} */ row) => Object.assign(spare.pop() ?? make(), { row });
  const known = /** @type {RowElement | null} */ (block.firstElementChild)?.row ?? end;
  for (let row = known - 1; row >= first; row -= 1) block.prepend(next(row));
  for (let row = first + block.children.length; row < end; row += 1) block.append(next(row));
}
