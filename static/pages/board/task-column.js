/** One lane: a heading with its count, and the list of its cards. A folded one is only its heading, upright. */
import { define, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { gridLayout } from "../../lib/layout.js";
import { VirtualList } from "../../ui/virtual-list.js";
import { SHAPE, heightIn } from "./card-facts.js";
import { makeItem, showItem } from "./items.js";
import { laneHead, showLaneCount } from "./lane-head.js";
/** @import {LaneChoice} from "../../stores/lane-choice.js" */
/** @import {FactsOf, Item, ItemElement, Look} from "./types.js" */

export class TaskColumn extends HTMLElement {
  /** @type {VirtualList<Item, ItemElement>} */
  list = /** @type {any} */ (null);
  /** @type {Look} */
  #look = { density: "", group: null, heads: null, current: null };

  /**
   * `lane` is its folder's name and whether it is folded; `factsOf(record)` is what a card shows besides its record.
   * @param {{lane: LaneChoice, factsOf: FactsOf}} options
   */
  setUp({ lane, factsOf }) {
    this.dataset.testid = `column-${lane.name}`;
    this.dataset.lane = lane.name;
    this.toggleAttribute("data-folded", lane.isFolded);
    render(this, frame(lane));
    this.list = new VirtualList(one(this, ".viewport"), one(this, ".cards"), {
      layout: (items, width) => gridLayout(items, { width, ...SHAPE, heightOf: heightIn(this.#look.density) }),
      make: (item) => makeItem(item, this.#look),
      fill: (element, item, place) => showItem(element, item, place, factsOf, this.#look),
      margin: 2 * SHAPE.gap,
    });
  }

  /**
   * `total` cards are in the lane and `shown` of them pass the filters; `items` adds group heads, without what is folded.
   * @param {{items: Item[], shown: number, total: number, fresh: Map<string, string>, toTop: boolean, emptyText: string, look: Look}} content
   */
  show({ items, shown, total, fresh, toTop, emptyText, look }) {
    this.#look = look;
    showLaneCount(this, this.dataset.lane ?? "", { shown, total });
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

/** @param {LaneChoice} lane */
function frame(lane) {
  return html`<section class="lane" aria-labelledby="lane-${lane.name}">
    ${laneHead(lane)}
    <div class="viewport">
      <p class="lane-empty"></p>
      <div class="cards" role="list" aria-labelledby="lane-${lane.name}"></div>
    </div>
  </section>`;
}
