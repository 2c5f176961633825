/** Where one goes in a log: a line, a time, the next error, a match, the end. */
import * as api from "../api.js";
/** @import {LogQuery} from "../types.js" */
/** @import {LogLines} from "./log-lines.js" */

export class LogPlace {
  #lines;
  #where;
  /** The row one was led to last. */
  #row = -1;

  /**
   * `where()` says of which log.
   * @param {LogLines} lines
   * @param {() => {job: string, query: LogQuery}} where
   */
  constructor(lines, where) {
    this.#lines = lines;
    this.#where = where;
  }

  /** Bring a row into view. @param {number} row */
  reveal(row) {
    this.#row = row;
    this.#lines.scroller.reveal(row);
  }

  /** To the end, and stay there. */
  end() {
    this.#row = -1;
    this.#lines.scroller.toEnd();
  }

  /**
   * To a line by its number; false if this view leaves it out, and then to the one after it.
   * @param {number} seq
   */
  async line(seq) {
    const { job, query } = this.#where();
    const { first_row: row, lines } = await api.getRows(job, query, { after: seq - 1, limit: 1 });
    if (lines.length === 0) this.end();
    else this.reveal(row);
    return lines[0]?.seq === seq;
  }

  /** To what was printed at a time or after it; false if there is nothing. @param {string} time */
  async time(time) {
    return this.#to(await this.#ask({ at: time }));
  }

  /** To the next error; false if there is none. */
  async error() {
    return this.#to(await this.#ask({ at: "error", row: this.#here() }));
  }

  /** The row after which an error is looked for: that one was led to, if it is in view; at the end, from the start. */
  #here() {
    const { first, page, isStuck } = this.#lines.scroller;
    if (this.#row >= first && this.#row <= first + page) return this.#row;
    return isStuck || first === 0 ? undefined : first - 1;
  }

  /** @param {number | null} row */
  #to(row) {
    if (row !== null) this.reveal(row);
    return row !== null;
  }

  /** @param {{at: string, row?: number}} place */
  async #ask(place) {
    const { job, query } = this.#where();
    return (await api.getRow(job, query, place)).row ?? null;
  }
}
