/**
 * A list of any number of rows, asked for by number, of which only those around the view exist. Rows may have any height; it
 * sticks to its end when it is there. The arithmetic is in lib/row-window.js.
 */
import { RowWindow } from "../lib/row-window.js";
import { oncePerFrame } from "../lib/signals.js";
import { ScrollBar, reuse } from "./row-elements.js";

const OVERSCAN = 12; // rows around the view
const REST_MS = 120;

/** @import {RowElement} from "./row-elements.js" */
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
  #bar;
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
    this.#bar = new ScrollBar(viewport, this.#window);
    viewport.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(viewport);
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

  /** The first row in view has another number now. @param {number} row */
  set first(row) {
    this.#window.to(row, -this.#window.offset);
    this.#isJump = true;
    this.#redraw();
  }

  /** How many rows fill the view. */
  get page() {
    return this.#window.page;
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
    if (this.isStuck || this.#isJump || this.#bar.isOut) this.#bar.settle();
    this.#place();
    this.#isJump = false;
    this.#options.onMove?.();
  }

  #fill() {
    const { rows, row, page } = this.#window;
    const areFew = rows <= page + 2 * OVERSCAN; // then all exist, and the scroll bar is exact: their heights may be any
    const first = areFew ? 0 : Math.max(0, row - OVERSCAN);
    const end = areFew ? rows : Math.min(rows, row + page + OVERSCAN);
    this.#first = first;
    this.#options.onDraw({ first, end, isJump: this.#isJump });
    reuse(this.#block, first, end, this.#options.make);
    for (const element of this.elements) this.#options.fill(element, element.row ?? 0);
    this.#window.measured(first, this.elements.map((element) => element.offsetHeight));
  }

  /** Put the rows where they are seen in the right place. */
  #place() {
    const { row, offset } = this.#window;
    let top = this.#bar.top - offset;
    for (let each = this.#first; each < row; each += 1) top -= this.#window.heightOf(each);
    this.#block.style.transform = `translateY(${Math.round(top)}px)`;
  }

  #scrolled() {
    const step = this.#bar.follow();
    if (step === 0) return; // we did it ourselves
    // Who is at the end leaves it upwards. Down it went as rows came that are not drawn yet; up, where the view grew, too.
    const isOurs = step > 0 || this.#isJump || this.#viewport.clientHeight !== this.#window.view;
    this.#isJump ||= Math.abs(step) > this.#window.view;
    if (!this.isStuck || !isOurs) this.isStuck = this.#window.isAtEnd;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#bar.settle(); // it says again where one is
      this.#place();
    }, REST_MS);
    this.draw();
  }

  #resized() {
    this.#window.view = this.#viewport.clientHeight;
    if (!this.isStuck) this.#window.move(0);
    this.#isJump = true; // the scroll bar may have to be elsewhere
    this.#redraw();
  }
}
