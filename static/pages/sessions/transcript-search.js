/** A search through a transcript: what was found so far, the latest first, and which of it one is at. */
/** @import {Query} from "../../live/http.js" */
/** @import {Match, MatchAnswer} from "./types.js" */

const PAGE = 200;
const MOST = 2_000;

export class TranscriptSearch {
  /** What is looked for; "": nothing. */
  text = "";
  isRegex = false;
  /** @type {Match[]} */
  matches = [];
  /** By row. @type {Map<number, Match>} */
  byRow = new Map();
  /** Index of the match one is at; -1: none. */
  at = -1;
  isBusy = false;
  /** True if all was searched. */
  isDone = false;
  /** @type {Error | null} */
  error = null;
  /** @type {AbortController | null} */
  #asking = null;
  #ask;
  #onChange;

  /**
   * `ask` gives what a search finds, a part of the transcript at a time; `onChange()` is called when some has come.
   * @param {(search: Query, signal: AbortSignal) => Promise<MatchAnswer>} ask
   * @param {() => void} onChange
   */
  constructor(ask, onChange) {
    this.#ask = ask;
    this.#onChange = onChange;
  }

  /** The match one is at. */
  get current() {
    return this.matches[this.at];
  }

  /**
   * Look for a text; `onFirst()` is called when the first matches are there.
   * @param {string} text
   * @param {boolean} isRegex
   * @param {() => void} [onFirst]
   */
  async start(text, isRegex, onFirst = () => {}) {
    this.stop();
    Object.assign(this, { text, isRegex, matches: [], byRow: new Map(), at: -1, error: null, isDone: text === "" });
    if (!text) return this.#onChange();
    const { signal } = (this.#asking = new AbortController());
    this.isBusy = true;
    this.#onChange();
    try {
      /** @type {number | null} */
      let before = null;
      do {
        const wasEmpty = this.matches.length === 0;
        const answer = /** @type {MatchAnswer} */ (await this.#ask({ q: text, regex: isRegex ? 1 : 0, limit: PAGE, before }, signal));
        if (signal.aborted) return;
        for (const match of answer.matches) this.byRow.set(match.row, match);
        this.matches.push(...answer.matches);
        before = answer.next_before;
        if (wasEmpty && this.matches.length > 0) onFirst();
        this.#onChange();
      } while (before !== null && this.matches.length < MOST);
      this.isDone = before === null;
    } catch (error) {
      if (signal.aborted) return;
      this.error = /** @type {Error} */ (error);
    }
    this.isBusy = false;
    this.#onChange();
  }

  /** The next match downwards (`step` 1) or upwards (-1), around the ends; undefined if there is none. @param {number} step */
  go(step) {
    const { length } = this.matches;
    if (length === 0) return undefined;
    this.at = this.at < 0 ? 0 : (this.at - step + length) % length; // the latest are first
    this.#onChange();
    return this.current;
  }

  /** Ask for nothing more. */
  stop() {
    this.#asking?.abort();
    this.isBusy = false;
  }

  /** What was found, in words. */
  get sum() {
    const { length } = this.matches;
    if (!this.text) return "";
    if (this.error) return this.error.message;
    if (this.isBusy && length === 0) return "searching…";
    const more = this.isDone ? "" : "+";
    if (length === 0) return "nothing found";
    return this.at < 0 ? `${length}${more}` : `${length - this.at} of ${length}${more}`;
  }
}
