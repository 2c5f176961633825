/** Where the items of a long list lie, and what of them is in view. The place is kept when items come and go above it. */
/** @import {Layout} from "../lib/layout.js" */
/** @typedef {{key: string, offset: number}} Anchor */

const ANCHORS = 40;

/** @template {{key: string}} Item */
export class ListPlaces {
  /** @type {Item[]} */
  items = [];
  /** Null while the list is hidden. @type {Layout | null} */
  layout = null;
  // Stored, since asking the browser in the middle of drawing would make it lay out everything at once.
  scrollTop = 0;
  #size = { width: 0, height: 0 };
  /** @type {Map<string | undefined, number>} */
  #indexes = new Map(); // key → index
  #viewport;
  #list;
  #layOut;

  /**
   * `viewport` scrolls, `list` inside it holds the items, `layOut(items, width)` gives a layout of lib/layout.js.
   * @param {HTMLElement} viewport
   * @param {HTMLElement} list
   * @param {(items: Item[], width: number) => Layout} layOut
   */
  constructor(viewport, list, layOut) {
    this.#viewport = viewport;
    this.#list = list;
    this.#layOut = layOut;
  }

  /**
   * Other items; `toTop` begins again at the first.
   * @param {Item[]} items
   * @param {boolean} toTop
   */
  take(items, toTop) {
    const anchor = toTop ? 0 : this.#anchor();
    this.items = items;
    this.#indexes = new Map(items.map(({ key }, index) => [key, index]));
    this.#arrange(anchor);
  }

  /**
   * Work out all places again: for a viewport of another size, or since the heights have changed.
   * @param {{width: number, height: number}} [size]
   */
  relayout(size = this.#size) {
    const anchor = this.#anchor();
    this.#size = size;
    this.#arrange(anchor);
  }

  /** The viewport was scrolled. */
  follow() {
    this.scrollTop = this.#viewport.scrollTop;
  }

  /**
   * Index of the item with that key; -1 if there is none.
   * @param {string | undefined} key
   */
  indexOf(key) {
    return this.#indexes.get(key) ?? -1;
  }

  /**
   * The items in view, and so many pixels around it: `[first, end]`.
   * @param {Layout} layout
   * @param {number} around
   */
  windowOf(layout, around) {
    return layout.windowOf(this.scrollTop - around, this.scrollTop + this.#size.height + around);
  }

  /** How many rows fit into the view. */
  get page() {
    const { height } = this.items.length > 0 && this.layout ? this.layout.place(0) : { height: Infinity };
    return Math.max(1, Math.floor(this.#size.height / height) - 1);
  }

  /**
   * Scroll until item `index` is in view with a margin; `inTheMiddle` if it was not in view. False if it is already.
   * @param {number} index
   * @param {number} margin
   * @param {boolean} inTheMiddle
   */
  reveal(index, margin, inTheMiddle) {
    if (!this.items[index] || !this.layout) return false;
    const { top, height } = this.layout.place(index);
    const room = this.#size.height;
    const isBelow = top + height > this.scrollTop + room;
    if (top >= this.scrollTop && !isBelow) return false;
    if (inTheMiddle) this.#scrollTo(top - (room - height) / 2);
    else this.#scrollTo(isBelow ? top + height - room + margin : Math.max(0, top - margin));
    return true;
  }

  /**
   * How far below the upper edge of the viewport an item begins; NaN while the list is hidden.
   * @param {number} index
   */
  offsetOf(index) {
    return (this.layout?.place(index).top ?? NaN) - this.scrollTop;
  }

  /**
   * The index of the item nearest to a height within the viewport.
   * @param {number} offset
   */
  indexAt(offset) {
    return Math.min(this.items.length - 1, this.layout?.indexAt(this.scrollTop + offset - 1) ?? 0);
  }

  /** @param {number} top */
  #scrollTo(top) {
    this.#viewport.scrollTop = top;
    this.follow();
  }

  /** Keys of the items at the upper edge, each with its distance from it; null if the list is at its top. */
  #anchor() {
    const { layout } = this;
    if (!layout || this.scrollTop <= 4) return null;
    const first = layout.indexAt(this.scrollTop);
    return this.items
      .slice(first, first + ANCHORS)
      .map(({ key }, index) => ({ key, offset: layout.place(first + index).top - this.scrollTop }));
  }

  /**
   * Work out all places, then scroll to `where`: a position, anchors of which the first that is left counts, or null.
   * @param {number | Anchor[] | null} where
   */
  #arrange(where) {
    const { width } = this.#size;
    this.layout = width > 0 ? this.#layOut(this.items, width) : null;
    if (this.layout === null) return; // it is hidden, and laid out when it is shown
    this.#list.style.height = `${this.layout.height}px`;
    const anchor = Array.isArray(where) ? where.find(({ key }) => this.#indexes.has(key)) : undefined;
    const top = anchor ? this.layout.place(this.indexOf(anchor.key)).top - anchor.offset : where;
    if (typeof top === "number" && top !== this.scrollTop) this.#scrollTo(top);
  }
}
