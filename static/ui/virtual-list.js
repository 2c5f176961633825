/**
 * A scrolling list of which only the visible part exists. It keeps its place when items come and go above it
 * (list-places.js), and is one stop of the Tab key. An item has a `key`.
 */
import { keyed } from "../lib/dom.js";
import { oncePerFrame } from "../lib/signals.js";
import { ListPlaces } from "./list-places.js";
/** @import {Layout} from "../lib/layout.js" */
/** @import {ListElement} from "../lib/types.js" */

/**
 * `layout(items, width)` is a layout of lib/layout.js, `make(item)` returns an element and `fill(element, item, place)` shows
 * the item in it; `onEnd(item)` is called when the last one is in view. `keepsFocus`: the item last focused stays in reach of
 * the Tab key wherever one scrolls, and if it goes, its neighbour gets the focus. An element may name its `focusTarget`.
 * @template Item
 * @template El
 * @typedef {object} ListOptions
 * @property {(items: Item[], width: number) => Layout} layout
 * @property {(item: Item) => El} make
 * @property {(element: El, item: Item, place: {index: number, length: number, width: number | null}) => void} fill
 * @property {number} [overscan]
 * @property {number} [margin]
 * @property {boolean} [keepsFocus]
 * @property {(item: Item) => void} [onEnd]
 */
/**
 * @template {{key: string}} Item
 * @template {ListElement} [El=ListElement]
 */
export class VirtualList {
  #list;
  #options;
  /** @type {ListPlaces<Item>} */
  #places;
  /** @type {string | undefined} */
  #activeKey;
  #redraw = oncePerFrame(() => this.#draw());

  /**
   * `viewport` scrolls, `list` inside it holds the items.
   * @param {HTMLElement} viewport
   * @param {HTMLElement} list
   * @param {ListOptions<Item, El>} options
   */
  constructor(viewport, list, { layout, make, fill, overscan = 400, margin = 0, keepsFocus = false, onEnd = () => {} }) {
    this.#list = list;
    this.#places = new ListPlaces(viewport, list, layout);
    this.#options = { make, fill, overscan, margin, keepsFocus, onEnd };
    list.style.position = "relative";
    viewport.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    list.addEventListener("focusin", ({ target }) => this.#focused(target));
    new ResizeObserver(([entry]) => this.#resized(entry.contentRect)).observe(viewport);
  }

  /**
   * Show these items; `toTop` begins again at the first.
   * @param {Item[]} items
   */
  show(items, toTop = false) {
    const was = this.activeIndex;
    const hadFocus = this.#options.keepsFocus && this.#list.contains(document.activeElement);
    this.#places.take(items, toTop);
    this.#draw();
    if (hadFocus && was >= 0 && this.activeIndex < 0) this.focus(Math.min(was, items.length - 1));
  }

  /**
   * Fill again the elements of the items that `concerns(item)` picks.
   * @param {(item: Item) => boolean} [concerns]
   */
  refresh(concerns = () => true) {
    if (!this.#places.layout) return; // all are filled when the list is shown again
    for (const element of this.elements) {
      const index = this.indexOf(element.keyedBy);
      if (index >= 0 && concerns(this.items[index])) this.#fill(element, index);
    }
  }

  /** Work out all places again, since the heights have changed. */
  relayout() {
    this.#places.relayout();
    this.#draw();
  }

  /** What it lists. */
  get items() {
    return this.#places.items;
  }

  /** The elements that exist. */
  get elements() {
    return /** @type {El[]} */ ([...this.#list.children]);
  }

  /** Index of the item that has or last had the focus; -1 if it is gone. */
  get activeIndex() {
    return this.indexOf(this.#activeKey);
  }

  /** How many items fit side by side. */
  get perRow() {
    return this.#places.layout?.perRow ?? 1;
  }

  /** How many rows fit into the view. */
  get page() {
    return this.#places.page;
  }

  /**
   * Index of the item with that key; -1 if there is none.
   * @param {string | undefined} key
   */
  indexOf(key) {
    return this.#places.indexOf(key);
  }

  /**
   * Make an item the one that the Tab key leads to.
   * @param {string} key
   */
  set activeKey(key) {
    this.#activeKey = key;
    this.#draw();
  }

  /**
   * Bring item `index` into view; `inTheMiddle` if it was not in view.
   * @param {number} index
   */
  reveal(index, inTheMiddle = false) {
    if (this.#places.reveal(index, this.#options.margin, inTheMiddle)) this.#draw();
  }

  /**
   * Bring item `index` into view and give it the focus.
   * @param {number} index
   */
  focus(index) {
    if (!this.items[index] || !this.#places.layout) return;
    this.#activeKey = this.items[index].key;
    this.reveal(index);
    this.#draw();
    const element = this.elements.find((child) => child.keyedBy === this.#activeKey);
    (element?.focusTarget ?? element)?.focus({ preventScroll: true });
  }

  /**
   * The item of an element or of what is in it.
   * @param {EventTarget | null} element
   * @returns {Item | undefined}
   */
  itemOf(element) {
    return this.items[this.indexOf(this.#keyOf(element))];
  }

  /**
   * How far below the upper edge of the viewport an item begins; NaN while the list is hidden.
   * @param {number} index
   */
  offsetOf(index) {
    return this.#places.offsetOf(index);
  }

  /**
   * The index of the item nearest to a height within the viewport.
   * @param {number} offset
   */
  indexAt(offset) {
    return this.#places.indexAt(offset);
  }

  /** @param {EventTarget | null} element */
  #keyOf(element) {
    let child = /** @type {ListElement | null} */ (element);
    while (child && child.parentElement !== this.#list) child = child.parentElement;
    return child?.keyedBy;
  }

  /** @param {DOMRectReadOnly} size */
  #resized({ width, height }) {
    this.#places.relayout({ width, height });
    this.#scrolled(); // draws in a frame of its own, so that neither this one nor that takes long
  }

  #scrolled() {
    this.#places.follow();
    this.#redraw();
  }

  #draw() {
    const { layout, scrollTop } = this.#places;
    if (!layout) return;
    const { overscan, keepsFocus, make, onEnd } = this.#options;
    const [first, end] = this.#places.windowOf(layout, overscan);
    const shown = Array.from({ length: Math.max(0, end - first) }, (_, offset) => first + offset);
    const active = this.activeIndex;
    // What has the focus stays, wherever one scrolls.
    const isHeld = keepsFocus || this.#list.contains(document.activeElement);
    if (isHeld && active >= 0 && active < first) shown.unshift(active);
    if (isHeld && active >= end) shown.push(active);
    const inView = shown.find((index) => layout.place(index).top >= scrollTop);
    const stop = shown.includes(active) ? active : (inView ?? shown[0]);
    const keyOf = (/** @type {number} */ index) => this.items[index].key;
    const place = (/** @type {El} */ element, /** @type {number} */ index) => this.#place(layout, element, index, stop);
    keyed(this.#list, shown, keyOf, (index) => make(this.items[index]), place);
    if (end === this.items.length && end > 0) onEnd(this.items[end - 1]);
  }

  /**
   * @param {Layout} layout
   * @param {El} element
   * @param {number} index
   * @param {number | undefined} stop
   */
  #place(layout, element, index, stop) {
    const { left, top, height } = layout.place(index);
    element.itemIndex = index;
    const placed = `${left} ${top} ${height}`;
    if (element.placed !== placed) {
      element.placed = placed;
      Object.assign(element.style, { height: `${height}px`, transform: `translate(${left}px, ${top}px)` });
    }
    this.#fill(element, index);
    (element.focusTarget ?? element).tabIndex = index === stop ? 0 : -1;
  }

  /**
   * @param {El} element
   * @param {number} index
   */
  #fill(element, index) {
    this.#options.fill(element, this.items[index], { index, length: this.items.length, width: this.#places.layout?.cellWidth ?? null });
  }

  /** @param {EventTarget | null} target */
  #focused(target) {
    const key = this.#keyOf(target);
    if (key === undefined || key === this.#activeKey) return;
    this.#activeKey = key;
    this.#draw();
  }
}
