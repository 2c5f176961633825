/**
 * The log page of a job as far as it is known: its end, which grows, and the parts before it that were asked for; pure.
 * A page is a text and what was appended to it, each entry after a line and its time.
 */
/** @import {LogAnswer} from "./types.js" */
/** @typedef {{key: string, time: string | null, text: string}} Entry */
/** @typedef {{start: number, text: string, isCut: boolean}} Part */

// The service finds where the last entry begins by the same rule: `_BETWEEN` in pipelines/log_page.py.
const BETWEEN = /\n\n---\n\n(?=\*\*\[\d{4}-\d\d-\d\d \d\d:\d\d UTC\]\*\*\n\n)/;
const STAMP = /^\n*(?:---\n\n)?\*\*\[(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC\]\*\*\n\n/;
const CUT_RULE = /\n+---\n*$/; // the rule between two entries, where a part ends in it
const ANCHOR = 400;
const LONGEST_END = 1_048_576;

export class LogText {
  /** Oldest first. @type {Part[]} */
  #parts = [];
  /** Where the last entry begins. @type {number | null} */
  #lastEntry = null;
  size_bytes = 0;
  /** @type {string | null} */
  changed_at = null;

  /** The byte before which the next earlier part ends; null if there is none. */
  get before() {
    const first = this.#parts[0];
    return first?.isCut ? first.start : null;
  }

  /** The byte from which on to ask for what came since; null: ask for the end of the page. */
  get after() {
    return (this.#parts.at(-1)?.text.length ?? 0) > LONGEST_END ? null : this.#lastEntry;
  }

  /** True if nothing is known yet. */
  get isEmpty() {
    return this.#parts.length === 0;
  }

  /**
   * Take the end of the page, as it is now, or of its last entry and what came since, if that was asked for by `after`.
   * @param {LogAnswer} answer
   * @param {number | null} [after]
   */
  takeEnd({ content, start, size_bytes, truncated, changed_at, last_entry }, after = null) {
    const isShorter = size_bytes < this.size_bytes;
    const isNext = after !== null && start === after && after === this.#lastEntry;
    Object.assign(this, { size_bytes, changed_at });
    this.#lastEntry = last_entry;
    const end = this.#parts.at(-1);
    const text = !end || isShorter ? null : isNext ? withoutLastEntry(end.text) + content : joined(end, start, content);
    if (end && text !== null) end.text = text;
    else this.#parts = [{ start, text: content, isCut: truncated }];
  }

  /**
   * Take what is before the first part; false if it is of another text.
   * @param {LogAnswer} answer
   */
  takeEarlier({ content, start, end, truncated }) {
    if (end !== this.before) return false;
    this.#parts.unshift({ start, text: content, isCut: truncated });
    return true;
  }

  /** All entries that are known, oldest first. An entry that only grows has the same key. @returns {Entry[]} */
  get entries() {
    return this.#parts.flatMap(({ start, text }, index) => {
      const whole = index < this.#parts.length - 1 ? text.replace(CUT_RULE, "") : text;
      const entries = whole.split(BETWEEN).map((entry, number) => ({ key: `${start}:${number}`, ...entryOf(entry) }));
      return entries.filter((entry) => entry.time !== null || entry.text.trim() !== "");
    });
  }
}

/**
 * The text from the old beginning to the new end; null if they do not meet.
 * @param {Part} part
 * @param {number} start
 * @param {string} content
 */
function joined(part, start, content) {
  if (start === part.start) return content;
  if (start < part.start || part.text.length > LONGEST_END) return null;
  const anchor = content.slice(0, ANCHOR);
  for (let at = part.text.indexOf(anchor); at >= 0; at = part.text.indexOf(anchor, at + 1)) {
    if (content.startsWith(part.text.slice(at))) return part.text.slice(0, at) + content;
  }
  return null;
}

/** @param {string} text */
function withoutLastEntry(text) {
  const at = [...text.matchAll(new RegExp(BETWEEN, "g"))].at(-1)?.index ?? 0;
  return text.slice(0, at);
}

/** @param {string} text */
function entryOf(text) {
  const stamp = STAMP.exec(text);
  return stamp ? { time: `${stamp[1]}T${stamp[2]}:00Z`, text: text.slice(stamp[0].length) } : { time: null, text };
}
