/** A page of a file's lines: what the service answered, as elements, and in colours. */
import { inChunks, inSlices } from "../../lib/slices.js";
import { CUT, colour, goesOn, lineElement, piecesOf } from "./code-lines.js";

/** @import {CodeLine, FileAnswer} from "./types.js" */
/** @import {AnsiParser} from "../../lib/ansi.js" */

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
  isColoured = false;

  /**
   * `answer` is that of the service; only its first `most` lines are taken.
   * @param {FileAnswer} answer
   */
  constructor({ preview }, most = Infinity) {
    const { from_line: from, clipped, next_line: next } = preview;
    const isClipped = new Set(clipped);
    const texts = preview.lines === 0 ? [] : preview.text.split("\n").slice(0, most);
    this.from = from;
    this.next = texts.length < preview.lines ? from + texts.length : next;
    this.lines = texts.map((text, index) => ({ number: from + index, text, isClipped: isClipped.has(from + index) }));
  }

  /** Number of the line behind the last. */
  get end() {
    return this.from + this.lines.length;
  }

  /** True if one of the lines is cut. */
  get isClipped() {
    return this.lines.some(({ isClipped }) => isClipped);
  }

  /** The text of its lines. */
  get text() {
    return this.lines.map(({ text }) => text).join("\n");
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
    this.isColoured = true;
    if (pieces.reduce((sum, line) => sum + line.length / 2, 0) > MOST_PIECES) return;
    const elements = this.element.querySelectorAll(".line");
    await inSlices(pieces, (line, index) => this.lines[index] && colour(elements[index], line, this.lines[index]), signal);
  }

  /**
   * Show the colours of a terminal in place of its codes.
   * @param {(text: string, parser: AnsiParser) => string[]} ansiPieces
   * @param {AnsiParser} parser
   */
  colourAnsi(ansiPieces, parser) {
    if (this.isColoured) return;
    this.isColoured = true;
    const elements = this.element.querySelectorAll(".line");
    this.lines.forEach(({ text, isClipped }, index) => {
      const pieces = piecesOf(ansiPieces(text, parser));
      if (text === "") return;
      elements[index].replaceChildren(...(pieces.length ? pieces : [document.createElement("br")]));
      if (isClipped) elements[index].append(goesOn(text.length - CUT.length + 1));
    });
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
