/** The pages of a text that exist: a bounded number, in order, put into the page and coloured. */
import { one } from "../../lib/dom.js";
import { TextColours } from "./text-colours.js";
import { showEnds } from "./text-frame.js";
import { TextPage } from "./text-page.js";

/** @import {FileAnswer, TextSource} from "./types.js" */

/** So many pages exist at once. */
export const MOST_PAGES = 25;
const PAGE_LINES = 200;

export class TextPages {
  #place;
  #file;
  #colours;
  /** @type {TextPage[]} */
  #pages = [];
  /** @type {number | null} */
  #total;

  /**
   * `place` has the frame of a text.
   * @param {HTMLElement} place
   * @param {TextSource} file
   */
  constructor(place, file) {
    this.#place = place;
    this.#file = file;
    this.#total = file.lines;
    this.#colours = new TextColours(file.language, file.wholeText, file.signal);
  }

  /** The texts of all lines. */
  get texts() {
    return this.#pages.flatMap(({ lines }) => lines.map(({ text }) => text));
  }

  /** Number of the first line. */
  get from() {
    return this.#pages[0]?.from ?? 1;
  }

  /** The last page. */
  get last() {
    return this.#pages[this.#pages.length - 1];
  }

  /** How many pages there are. */
  get count() {
    return this.#pages.length;
  }

  /** True if a line is in one of them. @param {number} number */
  has(number) {
    return this.#pages.some(({ from, end }) => number >= from && number < end);
  }

  /**
   * The element of a line.
   * @param {number | null | undefined} number
   * @returns {HTMLElement | null}
   */
  line(number) {
    return one(this.#place, ".lines").querySelector(`[data-line="${number}"]`);
  }

  /** The file is another now. */
  forgetColours() {
    this.#colours.forget();
  }

  /**
   * The answers of the service from a line on, at most so many; null if left meanwhile.
   * @param {number} from
   * @param {number} most
   */
  async read(from, most) {
    /** @type {FileAnswer[]} */
    const answers = [];
    for (let next = /** @type {number | null} */ (from); next && answers.length < most; ) {
      /** @type {FileAnswer} */
      const answer = await this.#file.load({ from_line: next });
      if (this.#file.signal.aborted) return null;
      answers.push(answer);
      next = answer.preview.next_line;
    }
    return answers;
  }

  /**
   * Show the pages of these answers in place of all, or of the last one with `isEnd`; returns the new ones.
   * @param {FileAnswer[]} answers
   */
  async show(answers, isEnd = false) {
    const pages = answers.map((answer) => this.#pageOf(answer));
    await this.#put([...(isEnd ? this.#pages.slice(0, -1) : []), ...pages].slice(-MOST_PAGES));
    return pages;
  }

  /** One page more at the end; the number of its first line. */
  async addBehind() {
    const next = this.last?.next;
    if (!next) return null;
    const page = this.#pageOf(await this.#file.load({ from_line: next }));
    await this.#put([...this.#pages, page].slice(-MOST_PAGES));
    return next;
  }

  /** One page more at the beginning; the number of the line that was the first. */
  async addBefore() {
    const first = this.from;
    const from = Math.max(1, first - PAGE_LINES);
    const page = this.#pageOf(await this.#file.load({ from_line: from }), first - from);
    await this.#put([page, ...this.#pages].slice(0, MOST_PAGES));
    return first;
  }

  /** @param {FileAnswer} answer */
  #pageOf(answer, most = Infinity) {
    this.#total = answer.preview.total_lines ?? this.#total;
    return new TextPage(answer, most);
  }

  /** @param {TextPage[]} pages */
  async #put(pages) {
    const { signal, isLog } = this.#file;
    for (const page of pages) if (!page.element.hasChildNodes()) await page.build(signal);
    if (signal.aborted) return;
    const lines = one(this.#place, ".lines");
    for (const old of this.#pages) if (!pages.includes(old)) old.element.remove();
    pages.forEach(({ element }, at) => lines.children[at] !== element && lines.insertBefore(element, lines.children[at] ?? null));
    this.#pages = pages;
    showEnds(this.#place, pages, { total: this.#total, isLog });
    this.#colour();
  }

  async #colour() {
    const isColoured = await this.#colours.show(this.#pages).catch(() => false); // it can be read without
    if (isColoured && !this.#file.signal.aborted) one(this.#place, ".code-text").dataset.coloured = "";
  }
}
