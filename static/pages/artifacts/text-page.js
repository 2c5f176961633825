/** A page of a file's lines: what the service answered, as elements, and in colours. */
import { inChunks, inSlices } from "../../lib/slices.js";
import { colour, lineElement } from "./code-lines.js";

/** @import {CodeLine, FileAnswer} from "./types.js" */

const MOST_PIECES = 60_000;
const CHUNK_LINES = 50;
const LINE_PX = 20; // as in code.css

export class TextPage {
  /** @type {CodeLine[]} */
  lines;
  /** @type {number} */
  from; // number of the first line
  /** @type {number | null} */
  next; // number of the line that follows; null if none does
  element = document.createElement("div");
  #isColoured = false;

  /**
   * `answer` is that of the service; only its first `most` lines are taken.
   * @param {FileAnswer} answer
   */
  constructor({ preview }, most = Infinity) {
    const { from_line: from, clipped, hidden, next_line: next } = preview;
    const [isClipped, isHidden] = [new Set(clipped), new Set(hidden)];
    const texts = preview.lines === 0 ? [] : preview.text.split("\n").slice(0, most);
    this.from = from;
    this.next = texts.length < preview.lines ? from + texts.length : next;
    this.lines = texts.map((text, index) => {
      const number = from + index;
      return { number, text, isClipped: isClipped.has(number), isHidden: isHidden.has(number) };
    });
  }

  /** Number of the line behind the last. */
  get end() {
    return this.from + this.lines.length;
  }

  /**
   * Make the elements of the lines.
   * @param {AbortSignal} signal
   */
  build(signal) {
    return inChunks(this.element, this.lines, lineElement, { size: CHUNK_LINES, height_px: LINE_PX, signal });
  }

  /**
   * Put colours in, once; `pieces` are those of each line. So many that they would slow the page down are left out.
   * @param {string[][]} pieces
   * @param {AbortSignal} signal
   */
  async colour(pieces, signal) {
    if (this.#isColoured) return;
    this.#isColoured = true;
    if (pieces.reduce((sum, line) => sum + line.length / 2, 0) > MOST_PIECES) return;
    const elements = this.element.querySelectorAll(".line");
    await inSlices(pieces, (line, index) => colour(elements[index], line, this.lines[index]), signal);
  }
}

/**
 * Numbers of the lines between what both texts begin and end with; `before` are texts, `after` lines of pages.
 * @param {string[]} before
 * @param {CodeLine[]} after
 */
export function changedLines(before, after) {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start].text) start += 1;
  let end = 0;
  const least = Math.min(before.length, after.length) - start;
  while (end < least && before.at(-1 - end) === after.at(-1 - end)?.text) end += 1;
  return after.slice(start, after.length - end).map(({ number }) => number);
}
