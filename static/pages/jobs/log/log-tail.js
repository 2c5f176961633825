/**
 * The end of a log as it was sent, until the service has counted it in: lines, and in their place how many were skipped. What
 * is shown and what is declared as skipped is together what was written.
 */
/** @import {LogLevel, LogLine, OutputEvent} from "../../../lib/types.js" */
/** @typedef {{line: LogLine, skipped: 0} | {line: null, skipped: number, seq: number}} TailItem */
/** @typedef {{view: "user" | "all", levels: LogLevel[], phase: string | null}} LogFilter */

export class LogTail {
  /** @type {TailItem[]} */
  items = [];
  /** Number of the last line that is known of, counted in or here. */
  seq = 0;
  #filter;

  /**
   * `filter` says which lines are shown.
   * @param {LogFilter} filter
   */
  constructor(filter) {
    this.#filter = filter;
  }

  /** True if lines are missing here that the service has. */
  get hasGaps() {
    return this.items.some(({ line }) => line === null);
  }

  /**
   * Take what the service sent; the lines that are new and shown.
   * @param {Pick<OutputEvent, "lines" | "to_seq">} event
   */
  take({ lines, to_seq: end }) {
    let added = 0;
    for (const line of lines) {
      if (line.seq <= this.seq) continue;
      this.#skip(line.seq - 1);
      this.seq = line.seq;
      if (!passes(line, this.#filter)) continue;
      this.items.push({ line, skipped: 0 });
      added += 1;
    }
    this.#skip(end);
    return added;
  }

  /**
   * The service has counted in the lines up to a number.
   * @param {number} seq
   */
  counted(seq) {
    this.seq = Math.max(this.seq, seq);
    const isCounted = (/** @type {TailItem} */ item) => (item.line ? item.line.seq : item.seq) <= seq;
    let first = 0;
    while (first < this.items.length && isCounted(this.items[first])) first += 1;
    if (first > 0) this.items.splice(0, first);
    const [next] = this.items;
    if (next?.line === null) next.skipped = Math.min(next.skipped, next.seq - seq);
  }

  /** Lines up to a number are missing. @param {number} end */
  #skip(end) {
    const skipped = end - this.seq;
    if (skipped <= 0) return;
    const last = this.items.at(-1);
    if (last?.line === null) Object.assign(last, { skipped: last.skipped + skipped, seq: end });
    else this.items.push({ line: null, skipped, seq: end });
    this.seq = end;
  }
}

/**
 * True if a line is shown.
 * @param {LogLine} line
 * @param {LogFilter} filter
 */
export function passes(line, { view, levels, phase }) {
  return (view === "all" || line.is_shown) && (levels.length === 0 || levels.includes(line.level)) && (!phase || line.phase === phase);
}
