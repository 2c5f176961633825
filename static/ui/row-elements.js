/** The elements of a list of any number of rows (row-scroller.js), and the scroll bar beside them. */
/** @import {RowWindow} from "../lib/row-window.js" */

/** @typedef {HTMLElement & {row?: number}} RowElement */

/** The scroll bar, which says about where the list is: exactly at its ends, and where a row has the usual height. */
export class ScrollBar {
  /** Where it is, as we know it. */
  top = 0;
  #viewport;
  #window;

  /**
   * @param {HTMLElement} viewport
   * @param {RowWindow} window
   */
  constructor(viewport, window) {
    this.#viewport = viewport;
    this.#window = window;
  }

  /** It was moved: move the list. By how many pixels; 0 if we did it ourselves. */
  follow() {
    const { scrollTop } = this.#viewport;
    const step = scrollTop - this.top;
    if (Math.abs(step) < 1) return 0;
    this.#window.scrolled(this.top, scrollTop);
    this.top = scrollTop;
    return step;
  }

  /** True if it is at an end and the list is not. */
  get isOut() {
    const { range, row, isAtEnd } = this.#window;
    return (this.top <= 0 && row > 0) || (range > 0 && this.top >= range && !isAtEnd);
  }

  /** Put it where the list is. */
  settle() {
    const wanted = Math.round(this.#window.position);
    if (Math.abs(wanted - this.#viewport.scrollTop) >= 1) this.#viewport.scrollTop = wanted;
    this.top = this.#viewport.scrollTop;
  }
}

/**
 * Make the children of `block` those of rows `first` to `end`, in order; those that go out at one end come in at the other.
 * @param {HTMLElement} block
 * @param {number} first
 * @param {number} end
 * @param {() => RowElement} make
 */
export function reuse(block, first, end, make) {
  const spare = /** @type {RowElement[]} */ ([...block.children]).filter(({ row = -1 }) => row < first || row >= end);
  for (const element of spare) element.remove();
  const next = (/** @type {number} */ row) => Object.assign(spare.pop() ?? make(), { row });
  const known = /** @type {RowElement | null} */ (block.firstElementChild)?.row ?? end;
  for (let row = known - 1; row >= first; row -= 1) block.prepend(next(row));
  for (let row = first + block.children.length; row < end; row += 1) block.append(next(row));
}
