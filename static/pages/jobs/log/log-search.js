/** A search through a log: what was found so far, the latest first, and which of it one is at. */
/** @import {Match, MatchAnswer, MatchCount} from "../types.js" */
/** @import {Query} from "../../../live/http.js" */

const PAGE = 50;
const CONTEXT = 1;

export class LogSearch {
  /** What is looked for; "": nothing. */
  text = "";
  isRegex = false;
  /** @type {Match[]} */
  matches = [];
  /** How many there are in all; null: not counted. @type {number | null} */
  count = null;
  isExact = true;
  /** Index of the match one is at; -1: none. */
  at = -1;
  isBusy = false;
  /** @type {Error | null} */
  error = null;
  /** @type {number | null} */
  #before = null;
  /** @type {AbortController | null} */
  #asking = null;
  #ask;
  #askCount;
  #onChange;

  /**
   * `ask` gives what a search finds, `askCount` how much that is in all; `onChange()` is called when some has come.
   * @param {(search: Query, signal: AbortSignal) => Promise<MatchAnswer>} ask
   * @param {(search: Query, signal: AbortSignal) => Promise<MatchCount>} askCount
   * @param {() => void} onChange
   */
  constructor(ask, askCount, onChange) {
    this.#ask = ask;
    this.#askCount = askCount;
    this.#onChange = onChange;
  }

  /** The match one is at. */
  get current() {
    return this.matches[this.at];
  }

  /** True if there are older ones than were asked for. */
  get hasMore() {
    return this.#before !== null;
  }

  /**
   * Look for a text; fulfilled when the first matches are there.
   * @param {string} text
   * @param {boolean} isRegex
   */
  async start(text, isRegex) {
    this.stop();
    Object.assign(this, { text, isRegex, matches: [], count: null, isExact: true, at: -1, error: null });
    this.#before = null;
    if (text) await this.#load();
    else this.#onChange();
  }

  /**
   * The next match downwards (`step` 1) or upwards (-1); undefined if there is none.
   * @param {number} step
   */
  async go(step) {
    if (this.isBusy) return undefined;
    const next = this.at - step; // the latest are first
    if (next >= this.matches.length && this.hasMore) await this.#load();
    if (next < 0 || next >= this.matches.length) return undefined;
    this.at = next;
    this.#onChange();
    return this.current;
  }

  /** Ask for older ones. */
  async more() {
    if (this.hasMore && !this.isBusy) await this.#load();
  }

  /** Ask for nothing more. */
  stop() {
    this.#asking?.abort();
    this.isBusy = false;
  }

  async #load() {
    const { signal } = (this.#asking = new AbortController());
    this.isBusy = true;
    this.#onChange();
    try {
      // Of a long log a page may be empty, and still not be the last.
      for (const wanted = this.matches.length; this.matches.length === wanted; ) {
        const answer = await this.#ask({ ...this.#query, context: CONTEXT, limit: PAGE, before: this.#before }, signal);
        if (signal.aborted) return;
        this.matches.push(...answer.matches);
        this.#before = answer.next_before;
        if (answer.count !== null) Object.assign(this, { count: answer.count, isExact: answer.is_exact });
        if (this.#before === null) break;
      }
      if (this.count === null) this.#count(signal);
    } catch (error) {
      if (signal.aborted) return;
      this.error = /** @type {Error} */ (error);
    }
    this.isBusy = false;
    this.#onChange();
  }

  get #query() {
    return { q: this.text, regex: this.isRegex ? 1 : 0 };
  }

  /** @param {AbortSignal} signal */
  async #count(signal) {
    const answer = await this.#askCount(this.#query, signal).catch(() => null); // then it is not known
    if (!answer || signal.aborted) return;
    Object.assign(this, { count: answer.count, isExact: answer.is_exact });
    this.#onChange();
  }
}
