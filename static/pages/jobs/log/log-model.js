/**
 * A log as rows by number: pages of what the service has counted, then the tail that was sent since. `onChange()` is called
 * when what is shown may be different.
 */
import { atMostEvery } from "../../../lib/signals.js";
import { RowPages } from "../../../ui/row-pages.js";
import { LogTail } from "./log-tail.js";
/** @import {LogLine, OutputEvent} from "../../../lib/types.js" */
/** @import {LogAnswer, LogHead, LogQuery} from "../types.js" */
/** @import {TailItem} from "./log-tail.js" */

const COUNT_EVERY_MS = 500;
const MOST_UNCOUNTED = 400;
/** How rows are asked for. @type {import("../../../ui/row-pages.js").Paging<LogAnswer, LogLine>} */
export const PAGES = { size: 200, most: 60, atOnce: 3, wait_ms: 60, rowsOf: ({ lines }) => lines };

/** @typedef {(query: {row?: number, limit: number}, signal?: AbortSignal) => Promise<LogAnswer>} AskRows */

export class LogModel {
  /** What the service said last of the whole; null: it has not answered yet. @type {LogHead | null} */
  head = null;
  /** Why rows cannot be had. @type {Error | null} */
  error = null;
  query;
  #ask;
  #onChange;
  #tail;
  #pages;
  #isStopped = false;
  #isCounting = false;
  /** Lines came while it was counted for the first time. */
  #isDoubtful = false;
  #count = atMostEvery(COUNT_EVERY_MS, () => this.count());

  /**
   * @param {LogQuery} query
   * @param {AskRows} ask
   * @param {() => void} onChange
   */
  constructor(query, ask, onChange) {
    this.query = query;
    this.#ask = ask;
    this.#onChange = () => this.#isStopped || onChange();
    this.#tail = new LogTail(query);
    const load = async (/** @type {number} */ row, /** @type {number} */ limit, /** @type {AbortSignal} */ signal) => this.#take(await ask({ row, limit }, signal));
    this.#pages = new RowPages(PAGES, load, () => this.#onChange(), (error) => this.#fail(error));
  }

  /** How many rows there are, those included that say what was skipped. */
  get rows() {
    return (this.head?.rows ?? 0) + this.#tail.items.length;
  }

  /** How many lines are shown, and how many there are, those included that were sent since it was counted. */
  get sum() {
    const { rows = 0, lines_total: total = 0 } = this.head ?? {};
    return { shown: rows + this.#tail.items.filter(({ line }) => line !== null).length, total: Math.max(total, this.#tail.seq) };
  }

  /** How many pages are remembered. */
  get pages() {
    return this.#pages.size;
  }

  /**
   * A row: a line, how many were skipped, or undefined while it is asked for.
   * @param {number} row
   * @returns {TailItem | undefined}
   */
  at(row) {
    const counted = this.head?.rows ?? 0;
    if (row >= counted) return this.#tail.items[row - counted];
    const line = this.#pages.get(row);
    return line && { line, skipped: 0 };
  }

  /**
   * Rows that are in view.
   * @param {number} first
   * @param {number} end
   * @param {boolean} isJump
   */
  want(first, end, isJump) {
    const counted = this.head?.rows ?? 0;
    if (first < counted) this.#pages.want(first, Math.min(end, counted), isJump);
  }

  /**
   * Lines were written. How many of them are shown.
   * @param {OutputEvent} event
   */
  take(event) {
    if (!this.head) return 0; // it is being counted
    const added = this.#tail.take(event);
    for (const { level } of event.lines) this.head.counts[level] = (this.head.counts[level] ?? 0) + 1;
    if (this.#tail.hasGaps || this.#tail.items.length > MOST_UNCOUNTED) this.#count();
    this.#onChange();
    return added;
  }

  /** What is being counted may be more by now. */
  doubt() {
    this.#isDoubtful = true;
  }

  /** Ask how many rows there are now, and for the last of them. */
  async count() {
    if (this.#isStopped || this.#isCounting) return;
    this.#isCounting = true;
    this.#isDoubtful = false;
    try {
      this.#take(await this.#ask({ limit: PAGES.size })); // without a row: the last ones
      this.#onChange();
    } catch (error) {
      this.#fail(/** @type {Error} */ (error));
    } finally {
      this.#isCounting = false;
    }
    if ((this.#tail.hasGaps || this.#isDoubtful) && !this.error) this.#count();
  }

  /** Ask for nothing more. */
  stop() {
    this.#isStopped = true;
    this.#pages.stop();
  }

  /** @param {LogAnswer} answer */
  #take(answer) {
    if (this.#isStopped) return answer;
    const { lines: _lines, first_row: _first, ...head } = answer;
    this.error = null;
    // An answer that was overtaken says less than is known.
    if (!this.head || head.rows >= this.head.rows || head.run !== this.head.run) this.head = { ...head, counts: { ...head.counts } };
    this.#tail.counted(head.lines_total);
    this.#pages.put(answer);
    return answer;
  }

  /** @param {Error} error */
  #fail(error) {
    if (this.#isStopped || error.name === "AbortError") return;
    this.error = error;
    this.#onChange();
  }
}
