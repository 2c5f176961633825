/** Rows of a log in pages, asked for when they come into view; a bounded number of them is remembered. */
/** @import {LogLine} from "../../../lib/types.js" */

export const PAGE_ROWS = 200;
const MOST_PAGES = 60;
const MOST_ASKED = 3;
const JUMP_WAIT_MS = 60;

/** @typedef {(row: number, limit: number, signal: AbortSignal) => Promise<{first_row: number, lines: LogLine[]}>} Ask */

export class LogPages {
  /** By number of the page, the least recently wanted first. @type {Map<number, LogLine[]>} */
  #pages = new Map();
  /** @type {Map<number, AbortController>} */
  #asked = new Map();
  /** @type {number[]} */
  #wanted = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #ask;
  #onRows;
  #onFailure;

  /**
   * `ask` gives rows of the log; `onRows()` is called when some are there, `onFailure(error)` when they could not be had.
   * @param {Ask} ask
   * @param {() => void} onRows
   * @param {(error: Error) => void} onFailure
   */
  constructor(ask, onRows, onFailure) {
    this.#ask = ask;
    this.#onRows = onRows;
    this.#onFailure = onFailure;
  }

  /** How many pages are remembered. */
  get size() {
    return this.#pages.size;
  }

  /**
   * A row, if it is here.
   * @param {number} row
   * @returns {LogLine | undefined}
   */
  get(row) {
    return this.#pages.get(Math.floor(row / PAGE_ROWS))?.[row % PAGE_ROWS];
  }

  /**
   * Ask for the rows from `first` to `end` that are not here. While one drags the scroll bar (`isJump`), only those are asked
   * for at which it rests.
   * @param {number} first
   * @param {number} end
   * @param {boolean} isJump
   */
  want(first, end, isJump = false) {
    this.#wanted = [];
    for (let page = Math.floor(first / PAGE_ROWS); page * PAGE_ROWS < end; page += 1) {
      if (this.#isWhole(page, end)) this.#touch(page);
      else this.#wanted.push(page);
    }
    clearTimeout(this.#timer);
    if (this.#wanted.length === 0) return;
    for (const [page, { signal }] of this.#asked) if (!this.#wanted.includes(page) && !signal.aborted) this.#asked.get(page)?.abort();
    if (isJump) this.#timer = setTimeout(() => this.#next(), JUMP_WAIT_MS);
    else this.#next();
  }

  /**
   * Take rows that came with another answer.
   * @param {number} firstRow
   * @param {LogLine[]} lines
   */
  put(firstRow, lines) {
    lines.forEach((line, index) => {
      const row = firstRow + index;
      const page = Math.floor(row / PAGE_ROWS);
      let known = this.#pages.get(page);
      if (!known) this.#pages.set(page, (known = []));
      known[row % PAGE_ROWS] = line;
    });
    while (this.#pages.size > MOST_PAGES) this.#pages.delete(this.#pages.keys().next().value ?? -1);
  }

  /** Ask for nothing more. */
  stop() {
    clearTimeout(this.#timer);
    this.#wanted = [];
    for (const asking of this.#asked.values()) asking.abort();
  }

  /** True if all rows of a page that lie before `end` are here. @param {number} page @param {number} end */
  #isWhole(page, end) {
    const rows = this.#pages.get(page);
    if (!rows) return false;
    const needed = Math.min(PAGE_ROWS, end - page * PAGE_ROWS);
    for (let index = 0; index < needed; index += 1) if (!rows[index]) return false;
    return true;
  }

  /** @param {number} page */
  #touch(page) {
    const rows = this.#pages.get(page);
    if (!rows) return;
    this.#pages.delete(page);
    this.#pages.set(page, rows);
  }

  #next() {
    for (const page of this.#wanted) {
      if (this.#asked.size >= MOST_ASKED) return;
      if (!this.#asked.has(page)) this.#load(page);
    }
  }

  /** @param {number} page */
  async #load(page) {
    const asking = new AbortController();
    this.#asked.set(page, asking);
    try {
      const { first_row: first, lines } = await this.#ask(page * PAGE_ROWS, PAGE_ROWS, asking.signal);
      if (asking.signal.aborted) return;
      this.#wanted = this.#wanted.filter((each) => each !== page);
      this.put(first, lines);
      this.#onRows();
    } catch (error) {
      if (!asking.signal.aborted) this.#onFailure(/** @type {Error} */ (error));
      this.#wanted = this.#wanted.filter((each) => each !== page || asking.signal.aborted);
    } finally {
      this.#asked.delete(page);
      this.#next();
    }
  }
}
