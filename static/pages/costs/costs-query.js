/** What the address asks the page of costs for. */
/** @import {By, Query} from "./types.js" */
import { COLUMNS } from "./call-columns.js";
import { CALL_FILTERS } from "./calls-filters.js";
import { BY } from "./naming.js";
import { isTime, rangeOf } from "./range.js";

export class CostsQuery {
  #query;
  #zone;

  /**
   * `query` are the parameters of the address, `zone` is the service's.
   * @param {Query} query
   * @param {string | null} zone
   */
  constructor(query, zone) {
    this.#query = query;
    this.#zone = zone;
  }

  /** What the trend is split by; an address may name anything. @returns {By | "none"} */
  get by() {
    const { by } = this.#query;
    return by === "none" ? by : (BY.find((name) => name === by) ?? "model");
  }

  /** What the totals are of. @returns {By} */
  get of() {
    return BY.find((name) => name === this.#query.of) ?? "agent";
  }

  /** By what the calls are sorted: null, newest first, if the address names no column. */
  get order() {
    const { sort = "", order } = this.#query;
    const isKnown = COLUMNS.some(({ name }) => name === sort);
    return { sort: isKnown ? sort : null, order: isKnown && order === "asc" ? order : null };
  }

  /** The range of days. */
  get range() {
    return rangeOf(this.#query, this.#zone);
  }

  /** Its first and last day, as the service is asked for them. */
  get days() {
    const { from, to } = this.range;
    return { from, to };
  }

  /** With what the range is compared; null if it has no start, or the reader wants no comparison. */
  get compare() {
    return this.#query.compare === "off" ? null : this.range.before;
  }

  /** The filters of the calls that are set. */
  get filters() {
    return Object.fromEntries(
      CALL_FILTERS.filter((name) => this.#query[name]).map((name) => [name, this.#query[name]]),
    );
  }

  /** The calls of the table as the service is asked for them: the filters in the range, or in the part of it that was selected. */
  get selection() {
    const { since, until, ...filters } = this.filters;
    const { from, to } = this.range;
    return { ...filters, from: isTime(since) ? since : from, to: isTime(until) ? until : to };
  }
}
