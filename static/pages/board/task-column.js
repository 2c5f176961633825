/** One lane: a heading with its count, and the list of its cards. */
import { define } from "../../lib/dom.js";
import { count, sentenceCase } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { gridLayout } from "../../lib/layout.js";
import { VirtualList } from "../../ui/virtual-list.js";
import { SHAPE } from "./card-facts.js";
import { groupHead, showGroupHead } from "./lanes.js";

export class TaskColumn extends HTMLElement {
  list = null;

  /** `lane` is its folder's name; `factsOf(record)` is what a card shows besides its record. */
  setUp({ lane, factsOf }) {
    this.dataset.testid = `column-${lane}`;
    this.dataset.lane = lane;
    render(this, frame(lane));
    this.list = new VirtualList(this.querySelector(".viewport"), this.querySelector(".cards"), {
      layout: (items, width) => gridLayout(items, { width, ...SHAPE }),
      make: (item) => (item.isGroup ? groupHead() : document.createElement("task-card")),
      fill: (element, item, place) => fill(element, item, place, factsOf),
      margin: 2 * SHAPE.gap,
    });
  }

  /** `total` cards are in the lane and `shown` of them pass the filters; `items` adds group heads, without what is folded. */
  show({ items, shown, total, fresh, toTop, emptyText }) {
    this.querySelector(".lane-count").textContent = count(shown);
    this.querySelector(".lane-total").textContent = shown === total ? "" : `of ${count(total)}`;
    const empty = this.querySelector(".lane-empty");
    empty.textContent = items.length === 0 ? emptyText : "";
    empty.hidden = items.length > 0;
    this.list.show(items, toTop);
    for (const element of this.list.elements) if (fresh.has(element.keyedBy)) element.flash();
  }

  /** The facts of these tasks have changed: a Set of ids, null for all. */
  refresh(ids) {
    this.list.refresh(({ id, isGroup }) => !isGroup && (!ids || ids.has(id)));
  }

  /** Bring ages up to date. */
  tick(now_ms) {
    for (const card of this.querySelectorAll("task-card")) card.tick(now_ms);
  }
}

/** Make the element known. */
export function register() {
  define("task-column", TaskColumn);
}

function fill(element, item, { index, length, width }, factsOf) {
  if (item.isGroup) showGroupHead(element, item);
  else element.show({ record: item, ...factsOf(item), width });
  element.style.width = item.isGroup ? "100%" : `${width}px`;
  element.setAttribute("aria-setsize", length);
  element.setAttribute("aria-posinset", index + 1);
}

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
