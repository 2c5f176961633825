/** The board in groups: a heading with sums for each, and below it the cards of its lanes side by side. */
import { define, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { laneLayout, lanePlaces } from "../../lib/lane-layout.js";
import { VirtualList } from "../../ui/virtual-list.js";
import { SHAPE, heightIn } from "./card-facts.js";
import { makeItem, showItem } from "./items.js";
import { walkRows } from "./group-rows.js";
import { laneHead, showLaneCount } from "./lane-head.js";
/** @import {LaneChoice} from "../../stores/lane-choice.js" */
/** @import {Column} from "../../lib/types.js" */
/** @import {FactsOf, Item, ItemElement, Look} from "./types.js" */

const FOLDED_WIDTH = 44;
const LEAST_WIDTH = 232;

export class TaskSwimlanes extends HTMLElement {
  /** @type {VirtualList<Item, ItemElement>} */
  list = /** @type {any} */ (null);
  /** @type {LaneChoice[]} */
  #lanes = [];
  /** @type {Look} */
  #look = /** @type {any} */ ({});

  /** @param {FactsOf} factsOf */
  setUp(factsOf) {
    this.dataset.testid = "swimlanes";
    render(this, html`<div class="viewport"><div class="lane-heads"></div><p class="lane-empty" hidden></p><div class="cards" role="list" aria-label="Tasks in groups"></div></div>`);
    this.list = new VirtualList(one(this, ".viewport"), one(this, ".cards"), {
      layout: (items, width) => this.#layOut(items, width),
      make: (item) => makeItem(item, this.#look),
      fill: (element, item, place) => showItem(element, item, place, factsOf, this.#look),
      margin: 2 * SHAPE.gap,
    });
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * `lanes` are those that are shown, `columns` how many cards each has.
   * @param {{items: Item[], lanes: LaneChoice[], columns: Map<string, Column>, fresh: Map<string, string>, toTop: boolean, look: Look}} content
   */
  show({ items, lanes, columns, fresh, toTop, look }) {
    const isOther = JSON.stringify(lanes) !== JSON.stringify(this.#lanes);
    this.#look = look;
    this.#lanes = lanes;
    if (isOther) render(one(this, ".lane-heads"), html`${lanes.map((lane) => laneHead(lane, "swim"))}`);
    for (const { name } of lanes) showLaneCount(this, name, columns.get(name));
    const empty = one(this, ".lane-empty");
    empty.hidden = items.length > 0;
    empty.textContent = items.length > 0 ? "" : "No card in these lanes.";
    this.list.show(items, toTop);
    for (const element of this.list.elements) if (fresh.has(element.keyedBy ?? "")) element.flash();
  }

  /**
   * The facts of these tasks have changed; null: of all.
   * @param {Set<string> | null} keys
   */
  refresh(keys) {
    this.list.refresh((item) => !item.isGroup && (!keys || keys.has(item.key)));
  }

  /**
   * Give the focus to an item.
   * @param {number} index
   */
  focusItem(index) {
    this.list.focus(index);
    document.activeElement?.closest(".cards > *")?.scrollIntoView({ behavior: "instant", block: "nearest", inline: "nearest" });
  }

  /**
   * @param {Item[]} items
   * @param {number} width
   */
  #layOut(items, width) {
    const shape = { width, gap: SHAPE.gap, folded: this.#lanes.map(({ isFolded }) => isFolded), foldedWidth: FOLDED_WIDTH, leastWidth: LEAST_WIDTH };
    const { cellWidth, width: wide } = lanePlaces(shape);
    const columns = this.#lanes.map(({ isFolded }) => `${isFolded ? FOLDED_WIDTH : cellWidth}px`).join(" ");
    const heads = one(this, ".lane-heads");
    if (heads.style.gridTemplateColumns !== columns) Object.assign(heads.style, { gridTemplateColumns: columns, width: `${wide}px` });
    one(this, ".cards").style.width = `${wide}px`;
    const places = new Map(this.#lanes.map(({ name }, index) => [name, index]));
    return laneLayout(items, {
      ...shape,
      laneOf: (item) => (item.isGroup ? -1 : (places.get(item.lane) ?? 0)),
      heightOf: heightIn(this.#look.density),
    });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element) || !event.target.closest(".cards")) return;
    const index = this.list.activeIndex;
    const to = index < 0 ? -1 : walkRows(event.key, this.list.items, index, this.#lanes.map(({ name }) => name));
    if (to < 0 && !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    if (to >= 0) this.focusItem(to);
  }
}

/** Make the element known. */
export function register() {
  define("task-swimlanes", TaskSwimlanes);
}
