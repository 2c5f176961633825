/**
 * A scrolling list of rows of one height of which only the visible part exists. It keeps its place when rows come and go
 * above it, and is one stop of the Tab key: the row last focused, else the first. A row has a `key`.
 */
import { oncePerFrame } from "../lib/schedule.js";
import { keyed } from "../lib/dom.js";

const OVERSCAN = 12;
const COARSE = "(pointer: coarse), (max-width: 640px)";

export class RowList {
  rows = [];
  #viewport;
  #list;
  #make;
  #fill;
  #onEnd;
  #height;
  #size = 0;
  #scrollTop = 0;
  #places = new Map();
  #activeKey = null;
  #redraw = oncePerFrame(() => this.#draw());

  /**
   * `viewport` scrolls, `list` inside it holds the rows; `make(row)` returns an element, `fill(element, row, isStop)` shows
   * the row in it; `heights` are those of a row for fine and coarse pointers; `onEnd(row)` hears of the last row in view.
   */
  constructor(viewport, list, { make, fill, heights = [28, 40], onEnd = () => {} }) {
    Object.assign(list.style, { position: "relative" });
    this.#viewport = viewport;
    this.#list = list;
    this.#make = make;
    this.#fill = fill;
    this.#onEnd = onEnd;
    const coarse = matchMedia(COARSE);
    this.#height = heights[Number(coarse.matches)];
    coarse.addEventListener("change", () => this.#resize(heights[Number(coarse.matches)]));
    viewport.addEventListener("scroll", () => this.#follow(), { passive: true });
    list.addEventListener("focusin", ({ target }) => this.#focused(target));
    new ResizeObserver(([{ contentRect }]) => {
      this.#size = contentRect.height;
      this.#follow();
    }).observe(viewport);
  }

  /** Show these rows; `toTop` begins again at the first. */
  show(rows, toTop = false) {
    const first = Math.floor(this.#scrollTop / this.#height);
    const anchors = this.rows.slice(first, first + 40).map(({ key }) => key);
    const offset = first * this.#height - this.#scrollTop;
    const hadFocus = this.#list.contains(document.activeElement);
    const was = this.activeIndex;
    this.rows = rows;
    this.#places = new Map(rows.map(({ key }, index) => [key, index]));
    this.#list.style.height = `${rows.length * this.#height}px`;
    if (toTop) this.#scrollTo(0);
    else if (this.#scrollTop > 4) this.#restore(anchors, offset);
    this.#draw();
    if (hadFocus && was >= 0 && this.activeIndex < 0) this.focus(Math.min(was, rows.length - 1));
  }

  /** Fill the rows that exist anew. */
  refresh() {
    this.#draw();
  }

  /** Index of the row that has or last had the focus; -1 if it is gone. */
  get activeIndex() {
    return this.#places.get(this.#activeKey) ?? -1;
  }

  /** How many rows fit into the view. */
  get page() {
    return Math.max(1, Math.floor(this.#size / this.#height) - 1);
  }

  /** Index of the row with that key; -1 if there is none. */
  indexOf(key) {
    return this.#places.get(key) ?? -1;
  }

  /** Make a row the one that the Tab key leads to. */
  set activeKey(key) {
    this.#activeKey = key;
    this.#draw();
  }

  /** Bring row `index` into view; `inTheMiddle` if it was not to be seen. */
  reveal(index, inTheMiddle = false) {
    const top = index * this.#height;
    const isBelow = top + this.#height > this.#scrollTop + this.#size;
    if (top >= this.#scrollTop && !isBelow) return;
    if (inTheMiddle) this.#scrollTo(top - (this.#size - this.#height) / 2);
    else this.#scrollTo(isBelow ? top + this.#height - this.#size : top);
    this.#draw();
  }

  /** Bring row `index` into view and give it the focus. */
  focus(index) {
    if (!this.rows[index]) return;
    this.#activeKey = this.rows[index].key;
    this.reveal(index);
    this.#draw();
    this.#elementOf(this.#activeKey)?.focus({ preventScroll: true });
  }

  /** The row of an element or of what is in it. */
  rowOf(element) {
    return this.rows[this.#places.get(element.closest("[data-row]")?.keyedBy)];
  }

  #elementOf(key) {
    return [...this.#list.children].find((child) => child.keyedBy === key);
  }

  #resize(height) {
    this.#height = height;
    this.#list.style.height = `${this.rows.length * height}px`;
    this.#draw();
  }

  #follow() {
    this.#scrollTop = this.#viewport.scrollTop;
    this.#redraw();
  }

  #scrollTo(top) {
    this.#viewport.scrollTop = top;
    this.#scrollTop = this.#viewport.scrollTop;
  }

  #restore(anchors, offset) {
    const found = anchors.findIndex((key) => this.#places.has(key));
    if (found < 0) return;
    const top = (this.#places.get(anchors[found]) - found) * this.#height - offset;
    if (top !== this.#scrollTop) this.#scrollTo(top);
  }

  #draw() {
    if (this.#size === 0) return;
    const first = Math.max(0, Math.floor(this.#scrollTop / this.#height) - OVERSCAN);
    const end = Math.min(this.rows.length, Math.ceil((this.#scrollTop + this.#size) / this.#height) + OVERSCAN);
    const shown = Array.from({ length: Math.max(0, end - first) }, (_, offset) => first + offset);
    const active = this.activeIndex;
    // What has the focus stays, wherever one scrolls; and the Tab key has to lead somewhere.
    if (active >= 0 && active < first) shown.unshift(active);
    if (active >= end) shown.push(active);
    const stop = active >= 0 ? active : shown[0];
    const keyOf = (index) => this.rows[index].key;
    keyed(this.#list, shown, keyOf, (index) => this.#new(index), (child, index) => this.#place(child, index, stop));
    if (end === this.rows.length && end > 0) this.#onEnd(this.rows[end - 1]);
  }

  #new(index) {
    const element = this.#make(this.rows[index]);
    element.dataset.row = "";
    return element;
  }

  #place(element, index, stop) {
    if (element.rowIndex !== index || element.rowHeight !== this.#height) {
      element.rowIndex = index;
      element.rowHeight = this.#height;
      Object.assign(element.style, { height: `${this.#height}px`, transform: `translateY(${index * this.#height}px)` });
    }
    element.tabIndex = index === stop ? 0 : -1;
    this.#fill(element, this.rows[index]);
  }

  #focused(target) {
    const key = target.closest("[data-row]")?.keyedBy;
    if (key === undefined || key === this.#activeKey) return;
    this.#activeKey = key;
    this.#draw();
  }
}

/** The index that a key leads to from `index` in a list; undefined for keys that lead nowhere. */
export function rowFor(key, index, { length, page }) {
  const target = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: length - 1 }[key];
  const paged = { PageDown: index + page, PageUp: index - page }[key];
  const wanted = target ?? paged;
  return wanted === undefined ? undefined : Math.max(0, Math.min(length - 1, wanted));
}
