/** The rows of something long that are here: pages of it, asked for when they come into view, the least recently wanted forgotten. */

/**
 * `size` rows are a page, `most` pages are remembered, `atOnce` are asked for at a time; while one drags the scroll bar, only
 * those are asked for at which it rests for `wait_ms`. `rowsOf(answer)` are the rows in an answer.
 * @template Answer, Row
 * @typedef {{size: number, most: number, atOnce?: number, wait_ms: number, rowsOf: (answer: Answer) => Row[]}} Paging
 */

/** @template {{first_row: number}} Answer, Row */
export class RowPages {
  /** By number of the page, the least recently wanted first. @type {Map<number, Row[]>} */
  #pages = new Map();
  /** @type {Map<number, AbortController>} */
  #asked = new Map();
  /** Pages with rows that may have changed since: they are shown until they are here anew. @type {Set<number>} */
  #expired = new Set();
  /** @type {number[]} */
  #wanted = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #paging;
  #ask;
  #onRows;
  #onFailure;

  /**
   * `ask` gives an answer with rows; `onRows(answer)` is called when they are here, `onFailure(error)` when they could not be had.
   * @param {Paging<Answer, Row>} paging
   * @param {(row: number, limit: number, signal: AbortSignal) => Promise<Answer>} ask
   * @param {(answer: Answer) => void} onRows
   * @param {(error: Error) => void} onFailure
   */
  constructor(paging, ask, onRows, onFailure) {
    this.#paging = { atOnce: Infinity, ...paging };
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
   * @returns {Row | undefined}
   */
  get(row) {
    const { size } = this.#paging;
    return this.#pages.get(Math.floor(row / size))?.[row % size];
  }

  /**
   * Ask for the rows from `first` to `end` that are not here; `isJump`: one drags the scroll bar.
   * @param {number} first
   * @param {number} end
   * @param {boolean} [isJump]
   */
  want(first, end, isJump = false) {
    const { size, wait_ms: wait } = this.#paging;
    this.#wanted = [];
    for (let page = Math.floor(first / size); page * size < end; page += 1) {
      if (this.#isWhole(page, end)) this.#touch(page);
      else this.#wanted.push(page);
    }
    clearTimeout(this.#timer);
    if (this.#wanted.length === 0) return;
    for (const [page, asking] of this.#asked) if (!this.#wanted.includes(page)) asking.abort();
    if (isJump) this.#timer = setTimeout(() => this.#next(), wait);
    else this.#next();
  }

  /**
   * Take rows that came with another answer.
   * @param {Answer} answer
   */
  put(answer) {
    const { size, most, rowsOf } = this.#paging;
    rowsOf(answer).forEach((each, index) => {
      const row = answer.first_row + index;
      const page = Math.floor(row / size);
      let known = this.#pages.get(page);
      if (!known) this.#pages.set(page, (known = []));
      known[row % size] = each;
    });
    while (this.#pages.size > most) this.#pages.delete(this.#pages.keys().next().value ?? -1);
  }

  /**
   * Rows from this one on may have changed: they are asked for again when they are wanted.
   * @param {number} row
   */
  expire(row) {
    const { size } = this.#paging;
    for (const page of this.#pages.keys()) if ((page + 1) * size > row) this.#expired.add(page);
    for (const [page, asking] of this.#asked) if ((page + 1) * size > row) asking.abort();
  }

  /** Ask for nothing more. */
  stop() {
    clearTimeout(this.#timer);
    this.#wanted = [];
    for (const asking of this.#asked.values()) asking.abort();
  }

  /** Forget all, and ask for nothing more. */
  clear() {
    this.stop();
    this.#pages.clear();
    this.#expired.clear();
  }

  /** True if all rows of a page that lie before `end` are here. @param {number} page @param {number} end */
  #isWhole(page, end) {
    const { size } = this.#paging;
    const rows = this.#pages.get(page);
    if (!rows || this.#expired.has(page)) return false;
    const needed = Math.min(size, end - page * size);
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
      if (this.#asked.size >= this.#paging.atOnce) return;
      if (!this.#asked.has(page)) this.#load(page);
    }
  }

  /** @param {number} page */
  async #load(page) {
    const asking = new AbortController();
    this.#asked.set(page, asking);
    try {
      const { size } = this.#paging;
      const answer = await this.#ask(page * size, size, asking.signal);
      if (asking.signal.aborted) return;
      this.#wanted = this.#wanted.filter((each) => each !== page);
      this.#expired.delete(page);
      this.put(answer);
      this.#onRows(answer);
    } catch (error) {
      if (!asking.signal.aborted) this.#onFailure(/** @type {Error} */ (error));
      this.#wanted = this.#wanted.filter((each) => each !== page || asking.signal.aborted);
    } finally {
      this.#asked.delete(page);
      this.#next();
    }
  }
}
