/** The focus among the cards of a board: which list had it last, the arrow keys, and the card that is open beside the board. */
import { firstOf, walk } from "./lanes.js";
/** @import {TaskColumn} from "./task-column.js" */
/** @import {TaskSwimlanes} from "./task-swimlanes.js" */
/** @import {Place} from "./types.js" */

export class CardFocus {
  #board;
  /** The list in which a card last had the focus. @type {TaskColumn["list"] | null} */
  #lastList = null;

  /** @param {HTMLElement & {columns: TaskColumn[], swim: TaskSwimlanes | null, holders: (TaskColumn | TaskSwimlanes)[]}} board */
  constructor(board) {
    this.#board = board;
    board.addEventListener("focusin", ({ target }) => (this.#lastList = holderOf(target)?.list ?? null));
    board.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Give the focus to the card that last had it, else to the first. */
  take() {
    if (this.restore()) return;
    const { swim } = this.#board;
    if (swim?.list.items.length) return swim.focusItem(0);
    const place = firstOf(this.#open);
    if (place) this.#focus(place);
  }

  /** Give the focus to the card that last had it; false if there is none. */
  restore() {
    const { swim } = this.#board;
    if (swim && swim.list === this.#lastList && swim.list.activeIndex >= 0) {
      swim.focusItem(swim.list.activeIndex);
      return true;
    }
    const columns = this.#open;
    const column = columns.findIndex((each) => each.list === this.#lastList && each.list.activeIndex >= 0);
    if (column >= 0) this.#focus({ column, index: columns[column].list.activeIndex });
    return column >= 0;
  }

  /**
   * Bring a card into view; the focus comes back to it.
   * @param {string} key
   */
  reveal(key) {
    for (const { list } of this.#board.holders) {
      const index = list.indexOf(key);
      if (index < 0) continue;
      list.reveal(index);
      list.activeKey = key;
      this.#lastList = list;
    }
  }

  get #open() {
    return this.#board.columns.filter((column) => !column.hasAttribute("data-folded"));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const from = /** @type {TaskColumn | null} */ (/** @type {Element} */ (event.target).closest("task-column"));
    const isHead = /** @type {Element} */ (event.target).closest(".lane-head") !== null;
    if (event.ctrlKey || event.metaKey || event.altKey || !from || isHead) return;
    const columns = this.#open;
    const column = columns.indexOf(from);
    const index = columns[column].list.activeIndex;
    const place = index < 0 ? null : walk(event.key, columns, { column, index });
    if (!place && !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    if (place) this.#focus(place);
  }

  /** @param {Place} place */
  #focus({ column, index }) {
    const element = this.#open[column];
    element.list.focus(index);
    element.scrollIntoView({ behavior: "instant", inline: "nearest", block: "nearest" });
  }
}

/** What lists a card. @param {EventTarget | null} target */
function holderOf(target) {
  return /** @type {TaskColumn | TaskSwimlanes | null} */ (/** @type {Element} */ (target).closest("task-column, task-swimlanes"));
}
