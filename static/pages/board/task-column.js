/** One lane: a heading with its count, and the list of its cards. */
import { define } from "../../lib/dom.js";
import { count, sentenceCase } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { CardList } from "./card-list.js";

export class TaskColumn extends HTMLElement {
  list = null;

  /** `lane` is its folder's name; `factsOf(record)` is what a card shows besides its record. */
  setUp({ lane, factsOf }) {
    this.dataset.testid = `column-${lane}`;
    this.dataset.lane = lane;
    render(this, frame(lane));
    this.list = new CardList(this.querySelector(".viewport"), this.querySelector(".cards"), factsOf);
  }

  /** `total` cards lie in the lane and `shown` of them pass the filters; `items` adds group heads, without what is folded. */
  show({ items, shown, total, fresh, toTop, emptyText }) {
    this.querySelector(".lane-count").textContent = count(shown);
    this.querySelector(".lane-total").textContent = shown === total ? "" : `of ${count(total)}`;
    const empty = this.querySelector(".lane-empty");
    empty.textContent = items.length === 0 ? emptyText : "";
    empty.hidden = items.length > 0;
    this.list.show(items, fresh, toTop);
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
