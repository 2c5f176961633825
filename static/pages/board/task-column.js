/** One lane: a heading with its count, and the list of its cards. */
import { define, one } from "../../lib/dom.js";
import { count, sentenceCase } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { gridLayout } from "../../lib/layout.js";
import { VirtualList } from "../../ui/virtual-list.js";
import { SHAPE } from "./card-facts.js";
import { groupHead, showGroupHead } from "./lanes.js";
/** @import {TaskCard} from "./task-card.js" */
/** @import {FactsOf, Item, ItemElement} from "./types.js" */

export class TaskColumn extends HTMLElement {
  /** @type {VirtualList<Item, ItemElement>} */
  list = /** @type {any} */ (null);

  /**
   * `lane` is its folder's name; `factsOf(record)` is what a card shows besides its record.
   * @param {{lane: string, factsOf: FactsOf}} options
   */
  setUp({ lane, factsOf }) {
    this.dataset.testid = `column-${lane}`;
    this.dataset.lane = lane;
    render(this, frame(lane));
    this.list = new VirtualList(one(this, ".viewport"), one(this, ".cards"), {
      layout: (items, width) => gridLayout(items, { width, ...SHAPE }),
      make: (item) => (item.isGroup ? groupHead() : /** @type {TaskCard} */ (document.createElement("task-card"))),
      fill: (element, item, place) => fill(element, item, place, factsOf),
      margin: 2 * SHAPE.gap,
    });
  }

  /**
   * `total` cards are in the lane and `shown` of them pass the filters; `items` adds group heads, without what is folded.
   * @param {{items: Item[], shown: number, total: number, fresh: Map<string, string>, toTop: boolean, emptyText: string}} content
   */
  show({ items, shown, total, fresh, toTop, emptyText }) {
    one(this, ".lane-count").textContent = count(shown);
    one(this, ".lane-total").textContent = shown === total ? "" : `of ${count(total)}`;
    const empty = one(this, ".lane-empty");
    empty.textContent = items.length === 0 ? emptyText : "";
    empty.hidden = items.length > 0;
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
}

/** Make the element known. */
export function register() {
  define("task-column", TaskColumn);
}

/**
 * @param {ItemElement} element
 * @param {Item} item
 * @param {{index: number, length: number, width: number | null}} place
 * @param {FactsOf} factsOf
 */
function fill(element, item, { index, length, width }, factsOf) {
  if (item.isGroup) showGroupHead(element, item);
  else /** @type {TaskCard} */ (element).show({ record: item, ...factsOf(item), width: width ?? 0 });
  element.style.width = item.isGroup ? "100%" : `${width}px`;
  element.setAttribute("aria-setsize", String(length));
  element.setAttribute("aria-posinset", String(index + 1));
}

/** @param {string} lane */
function frame(lane) {
  return html`<section class="lane" aria-labelledby="lane-${lane}">
    <header class="lane-head" data-lane="${lane}">
      <h2 id="lane-${lane}">${sentenceCase(lane)}</h2>
      <span class="lane-count" data-testid="lane-count-${lane}">0</span>
      <span class="lane-total"></span>
    </header>
    <div class="viewport">
      <p class="lane-empty"></p>
      <div class="cards" role="list" aria-labelledby="lane-${lane}"></div>
    </div>
  </section>`;
}
