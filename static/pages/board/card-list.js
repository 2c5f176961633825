/**
 * A scrolling list of cards of which only the visible part exists. It keeps its place when cards come and go above
 * it, and is one stop of the Tab key: the card last focused, else the first in view.
 */
import { oncePerFrame } from "../../lib/schedule.js";
import { keyed } from "../../lib/dom.js";
import { anchorOf, layOut, lowerBound, scrollTopFor, windowOf } from "../../lib/layout.js";
import { SHAPE } from "./card-height.js";
import { groupHead, showGroupHead } from "./group-head.js";

const OVERSCAN = 400;
const MARGIN = 2 * SHAPE.gap;

export class CardList {
  items = []; // records and group heads, in order
  #viewport;
  #list;
  #factsOf;
  #layout = null;
  // Kept here, since asking the browser in the middle of drawing would make it lay out everything at once.
  #size = { width: 0, height: 0 };
  #scrollTop = 0;
  #activeKey = null;
  #fresh = new Map();
  #redraw = oncePerFrame(() => this.#draw());

  /** `viewport` scrolls, `list` inside it holds the cards; `factsOf(record)` is what a card shows besides its record. */
  constructor(viewport, list, factsOf) {
    this.#viewport = viewport;
    this.#list = list;
    this.#factsOf = factsOf;
    viewport.addEventListener("scroll", () => this.#follow(), { passive: true });
    viewport.addEventListener("focusin", ({ target }) => this.#focused(target));
    new ResizeObserver(([entry]) => this.#resized(entry.contentRect)).observe(viewport);
  }

  /** Show these items; `fresh` are keys to be pointed out to the eye, `toTop` begins again at the first. */
  show(items, fresh, toTop) {
    const anchor = toTop ? 0 : this.#anchor();
    this.items = items;
    this.#fresh = fresh;
    this.#arrange(anchor);
    this.#draw();
  }

  /** Bring item `index` into view and give it the focus. */
  focusItem(index) {
    const item = this.items[index];
    if (!item || !this.#layout) return;
    this.#activeKey = item.key;
    const top = this.#layout.tops[index];
    const bottom = top + this.#layout.heights[index];
    if (top < this.#scrollTop) this.#scrollTo(Math.max(0, top - MARGIN));
    else if (bottom > this.#scrollTop + this.#size.height) this.#scrollTo(bottom - this.#size.height + MARGIN);
    this.#draw();
    const child = [...this.#list.children].find((each) => each.keyedBy === item.key);
    child?.focusTarget.focus({ preventScroll: true });
  }

  /** The facts of these tasks have changed (a Set of ids, null: all); only cards that exist are touched. */
  refresh(ids) {
    if (!this.#layout) return; // all are shown anew when the list is to be seen again
    for (const card of this.#list.children) if (card.record && (!ids || ids.has(card.record.id))) this.#show(card);
  }

  /** Index of the item that has or last had the focus; -1 if it is gone. */
  get activeIndex() {
    return this.items.findIndex((item) => item.key === this.#activeKey);
  }

  /** How many cards stand side by side. */
  get perRow() {
    return this.#layout?.perRow ?? 1;
  }

  /** How far below the upper edge of the viewport an item begins. */
  offsetOf(index) {
    return this.#layout.tops[index] - this.#scrollTop;
  }

  /** The item nearest to a height within the viewport. */
  itemAt(offset) {
    return Math.min(this.items.length - 1, lowerBound(this.#layout.tops, this.#scrollTop + offset - 1));
  }

  #resized({ width, height }) {
    const anchor = this.#anchor();
    this.#size = { width, height };
    this.#arrange(anchor);
    this.#follow(); // draws in a frame of its own, so that neither this one nor that takes long
  }

  #follow() {
    this.#scrollTop = this.#viewport.scrollTop;
    this.#redraw();
  }

  #scrollTo(top) {
    this.#viewport.scrollTop = top;
    this.#scrollTop = this.#viewport.scrollTop;
  }

  /** Work out all places, then scroll to `where`: a position, anchors, or null to leave it. */
  #arrange(where) {
    const { width } = this.#size;
    this.#layout = width > 0 ? layOut(this.items, { width, ...SHAPE }) : null;
    if (this.#layout === null) return; // it is not to be seen; `#resized` comes when it is
    this.#list.style.height = `${this.#layout.height}px`;
    const scrollTop = typeof where === "number" ? where : where && scrollTopFor(where, this.items, this.#layout);
    if (scrollTop !== null && scrollTop !== this.#scrollTop) this.#scrollTo(scrollTop);
  }

  #anchor() {
    const isAway = this.#layout && this.#scrollTop > 4;
    return isAway ? anchorOf(this.items, this.#layout, this.#scrollTop) : null;
  }

  #draw() {
    if (!this.#layout) return;
    const scrollTop = this.#scrollTop;
    const [first, end] = windowOf(this.#layout, scrollTop - OVERSCAN, scrollTop + this.#size.height + OVERSCAN);
    const shown = Array.from({ length: end - first }, (_, offset) => first + offset);
    // What has the focus stays, wherever one scrolls.
    const held = this.#list.contains(document.activeElement) ? this.activeIndex : -1;
    if (held >= 0 && held < first) shown.unshift(held);
    if (held >= end) shown.push(held);
    const active = shown.find((index) => this.items[index].key === this.#activeKey);
    const stop = active ?? shown.find((index) => this.#layout.tops[index] >= scrollTop) ?? shown[0];
    const keyOf = (index) => this.items[index].key;
    const make = (index) => (this.items[index].isGroup ? groupHead() : document.createElement("task-card"));
    keyed(this.#list, shown, keyOf, make, (child, index) => this.#place(child, index, index === stop));
    this.#fresh = new Map();
  }

  #place(child, index, isStop) {
    const item = this.items[index];
    const { tops, heights, columns, cellWidth } = this.#layout;
    if (item.isGroup) showGroupHead(child, item);
    else this.#show(child, item);
    child.style.transform = `translate(${columns[index] * (cellWidth + SHAPE.gap)}px, ${tops[index]}px)`;
    child.style.height = `${heights[index]}px`;
    child.style.width = item.isGroup ? "100%" : `${cellWidth}px`;
    child.setAttribute("aria-setsize", this.items.length);
    child.setAttribute("aria-posinset", index + 1);
    child.focusTarget.tabIndex = isStop ? 0 : -1;
    if (this.#fresh.has(item.key)) child.flash();
  }

  #show(card, record = card.record) {
    card.show({ record, ...this.#factsOf(record), width: this.#layout.cellWidth });
  }

  #focused(target) {
    const key = target.closest("[role=listitem]")?.keyedBy;
    if (key === undefined || key === this.#activeKey) return;
    this.#activeKey = key;
    this.#draw();
  }
}
