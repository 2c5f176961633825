/**
 * Which rows of a list of millions are in view. A browser shows no element of any height, and rows that exist may be higher
 * than those that do not: so the place is a row and how much of it is hidden above the edge, and the scroll bar only says about
 * where that is. Small steps move by pixels, large ones (the thumb is dragged) by share.
 */

/** The highest element; Firefox shows 17,895,697 px. */
export const MOST_PX = 15_000_000;
const JUMP_VIEWS = 2.5; // a step over so many views is a jump

export class RowWindow {
  /** How many rows there are. */
  rows = 0;
  /** The first row in view. */
  row = 0;
  /** Pixels of it that are hidden above the edge. */
  offset = 0;
  /** Height of the view. */
  view = 0;
  /** Height of a row that was not measured. */
  base;
  /** @type {Map<number, number>} */
  #heights = new Map();

  /** @param {number} base */
  constructor(base) {
    this.base = base;
  }

  /** Height of the element that is scrolled: exactly that of the rows where all of them exist, as few do. */
  get height() {
    return Math.min(MOST_PX, this.#areAllMeasured ? this.#above(this.rows) : this.rows * this.base);
  }

  /** How far one can scroll. */
  get range() {
    return Math.max(0, this.height - this.view);
  }

  /** How many rows of the usual height fill the view. */
  get page() {
    return Math.max(1, Math.ceil(this.view / this.base));
  }

  /** True if the last row is in view as a whole, or all of them are. */
  get isAtEnd() {
    return this.#below(this.row, this.offset) <= this.view + 1;
  }

  /**
   * Take the heights of the rows that exist, from row `first` on; others are taken to be as usual.
   * @param {number} first
   * @param {number[]} heights
   */
  measured(first, heights) {
    this.#heights = new Map(heights.map((height, index) => [first + index, height]));
  }

  /**
   * Height of a row.
   * @param {number} row
   */
  heightOf(row) {
    return this.#heights.get(row) ?? this.base;
  }

  /**
   * The scroll bar moved from one position to another.
   * @param {number} from
   * @param {number} to
   */
  scrolled(from, to) {
    if (Math.abs(to - from) < this.view * JUMP_VIEWS) this.move(to - from);
    else this.jump(this.range > 0 ? to / this.range : 0);
  }

  /**
   * Move by pixels, within the list.
   * @param {number} pixels
   */
  move(pixels) {
    this.offset += pixels;
    while (this.offset < 0 && this.row > 0) {
      this.row -= 1;
      this.offset += this.heightOf(this.row);
    }
    while (this.row < this.rows - 1 && this.offset >= this.heightOf(this.row)) {
      this.offset -= this.heightOf(this.row);
      this.row += 1;
    }
    this.#clamp();
  }

  /**
   * Move to a share of the whole.
   * @param {number} share
   */
  jump(share) {
    if (share >= 1) return this.toEnd();
    if (this.#areAllMeasured) {
      this.to(0);
      return this.move(Math.max(0, share) * this.range);
    }
    const top = Math.max(0, share) * Math.max(0, this.rows * this.base - this.view);
    this.row = Math.min(Math.max(0, this.rows - 1), Math.floor(top / this.base));
    this.offset = top - this.row * this.base;
    this.#clamp();
  }

  /**
   * Bring a row so many pixels below the upper edge.
   * @param {number} row
   * @param {number} [below]
   */
  to(row, below = 0) {
    this.row = Math.max(0, Math.min(this.rows - 1, row));
    this.offset = 0;
    this.move(-below);
  }

  /** Bring the last row to the lower edge. */
  toEnd() {
    this.row = Math.max(0, this.rows - 1);
    this.offset = this.heightOf(this.row);
    this.#clamp();
  }

  /** Where the scroll bar has to be for this place. */
  get position() {
    if (this.row === 0 && this.offset <= 0) return 0;
    if (this.#areAllMeasured) return Math.min(this.range, this.#above(this.row) + this.offset);
    if (this.isAtEnd) return this.range;
    const top = (this.row + this.offset / this.heightOf(this.row)) * this.base;
    const most = this.rows * this.base - this.view;
    return most > 0 ? Math.min(this.range - 1, Math.max(1, (top / most) * this.range)) : 0;
  }

  get #areAllMeasured() {
    return this.#heights.size >= this.rows;
  }

  /** How high the rows before a row are. @param {number} row */
  #above(row) {
    let height = 0;
    for (let each = 0; each < row; each += 1) height += this.heightOf(each);
    return height;
  }

  /** How high all is from a place on; no more is added up than fills the view. @param {number} row @param {number} offset */
  #below(row, offset) {
    let height = -offset;
    for (let each = row; each < this.rows && height <= this.view + 1; each += 1) height += this.heightOf(each);
    return height;
  }

  #clamp() {
    const missing = this.view - this.#below(this.row, this.offset);
    if (missing > 0) this.offset -= missing;
    while (this.offset < 0 && this.row > 0) {
      this.row -= 1;
      this.offset += this.heightOf(this.row);
    }
    if (this.offset < 0) this.offset = 0;
  }
}
