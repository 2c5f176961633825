/** On a phone one lane is seen at a time: the tabs that lead to the lanes, of which that in view is the current one. */
import { one, wantsCalm } from "../../lib/dom.js";
import { count, sentenceCase } from "../../lib/format.js";
import { html } from "../../lib/html.js";
/** @import {Column} from "../../lib/types.js" */
/** @import {TaskColumn} from "./task-column.js" */

export class LaneTabs {
  #board;
  /** @type {IntersectionObserver | null} */
  #watcher = null;

  /** @param {HTMLElement & {columns: TaskColumn[]}} board */
  constructor(board) {
    this.#board = board;
  }

  /** The columns of the board are new. */
  watch() {
    this.#watcher?.disconnect();
    this.#watcher = new IntersectionObserver((entries) => entries.forEach((entry) => this.#seen(entry)), { root: one(this.#board, ".columns"), threshold: 0.6 });
    for (const column of this.#board.columns) this.#watcher.observe(column);
  }

  /**
   * Bring a lane into view.
   * @param {string | undefined} lane
   */
  goTo(lane) {
    const column = this.#board.columns.find((each) => each.dataset.lane === lane);
    column?.scrollIntoView({ behavior: wantsCalm() ? "instant" : "smooth", inline: "start", block: "nearest" });
  }

  /**
   * How many cards a lane shows.
   * @param {string} lane
   * @param {number} size
   */
  setCount(lane, size) {
    one(this.#board, `.lane-tab[data-lane="${CSS.escape(lane)}"] .tab-count`).textContent = count(size);
  }

  /**
   * A search must not end in an empty lane while another one has what was searched for.
   * @param {Map<string, Column>} columns
   */
  showHits(columns) {
    const current = this.#board.querySelector(".lane-tab[aria-current]")?.getAttribute("data-lane") ?? "";
    const lanes = [...columns].filter(([, { records }]) => records.length > 0).map(([lane]) => lane);
    if (lanes.length > 0 && !lanes.includes(current)) this.goTo(lanes[0]);
  }

  /** @param {IntersectionObserverEntry} entry */
  #seen({ isIntersecting, target }) {
    if (!isIntersecting) return;
    for (const tab of this.#board.querySelectorAll(".lane-tab")) {
      if (tab.getAttribute("data-lane") === target.getAttribute("data-lane")) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
  }
}

/** @param {string[]} lanes */
export function tabs(lanes) {
  return html`<nav class="lane-tabs" aria-label="Lanes">
      ${lanes.map((lane) => html`<button type="button" class="lane-tab" data-lane="${lane}">${sentenceCase(lane)} <span class="tab-count">0</span></button>`)}
    </nav>`;
}
