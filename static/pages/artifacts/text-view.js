/**
 * The text of a file, a page of lines at a time. A bounded number of pages exists; those before and behind are asked for
 * by buttons, the end and any line at once. Colours come afterwards, from a worker.
 */
import { delegate, emit, one } from "../../lib/dom.js";
import { plural } from "../../lib/format.js";
import { LongLines } from "./long-lines.js";
import { TextColours } from "./text-colours.js";
import { frameText, remark, showEnds, showProblem } from "./text-frame.js";
import { TextPage, changedLines } from "./text-page.js";

/** @import {FileAnswer, TextSource} from "./types.js" */

const MOST_PAGES = 25;
const CONTEXT = 30; // lines before one that is pointed out
const PAGE_LINES = 200;
const MOST_CHANGED = 400;
const UPWARDS = new Set(["ArrowUp", "PageUp", "Home"]);

export class TextView {
  #place;
  #file;
  #colours;
  #long;
  /** @type {TextPage[]} */
  #pages = [];
  /** @type {number | null} */
  #total;
  #isBusy = false;
  #isFollowing = false;

  /**
   * `place` is filled with the text of the file.
   * @param {HTMLElement} place
   * @param {TextSource} file
   */
  constructor(place, file) {
    this.#place = place;
    this.#file = file;
    this.#total = file.lines;
    this.#colours = new TextColours(file.language, file.wholeText, file.signal);
    this.#long = new LongLines(place, file);
    frameText(place);
    const { signal } = file;
    one(place, ".more-before button").addEventListener("click", () => this.#before());
    one(place, ".more-behind button").addEventListener("click", () => this.#behind());
    one(place, ".to-start").addEventListener("click", () => this.#guarded(() => this.goTo(1)));
    one(place, ".to-end").addEventListener("click", () => this.#guarded(() => this.#toEnd()));
    one(place, ".follow").addEventListener("click", () => this.#follow(!this.#isFollowing));
    one(place, ".text-bar").addEventListener("submit", (event) => this.#submitted(event));
    delegate(one(place, ".lines"), "click", "button.clipped", (_, button) => this.#guarded(() => this.#long.turn(button)));
    place.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && this.#follow(false), { passive: true, signal });
    place.addEventListener("keydown", ({ key }) => UPWARDS.has(key) && this.#follow(false), { signal });
  }

  /**
   * Begin with the page of this answer.
   * @param {FileAnswer} answer
   */
  async begin(answer) {
    await this.#show([this.#pageOf(answer)]);
  }

  /**
   * Show a line, and point it out; with `column` the part of it that has that, `length` characters of which are marked. Beyond
   * the end it is the end that is shown.
   * @param {number} number
   * @param {number | null} [column]
   */
  async goTo(number, column = null, length = 1) {
    remark(this.#place, "");
    if (!this.#pages.some(({ from, end }) => number >= from && number < end)) {
      const answer = await this.#file.load({ from_line: Math.max(1, number - CONTEXT) });
      if (answer.preview.lines > 0) await this.begin(answer);
      if (answer.preview.lines === 0 || !this.#line(number)) return this.#beyond(number);
    }
    if (this.#file.signal.aborted) return;
    const line = this.#line(number);
    if (line) await this.#long.point(line, number, column, length);
  }

  /** The file has changed: read what is shown again, point out what differs. Returns the first answer, null if left. */
  async again() {
    this.#colours.forget();
    if (this.#isFollowing) return this.#catchUp();
    const before = this.#pages.flatMap(({ lines }) => lines.map(({ text }) => text));
    const answers = await this.#read(this.#pages[0]?.from ?? 1, Math.max(1, this.#pages.length));
    if (!answers) return null;
    const pages = answers.map((answer) => this.#pageOf(answer));
    const changed = changedLines(before, pages.flatMap(({ lines }) => lines));
    await this.#show(pages);
    if (changed.length < MOST_CHANGED) for (const number of changed) this.#line(number)?.setAttribute("data-changed", "");
    return answers[0];
  }

  /**
   * Pages from a line on, at most so many; null if left meanwhile.
   * @param {number} from
   * @param {number} most
   */
  async #read(from, most) {
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

  /** What was added since the last page was read; from the end if that is much, or if the file was begun anew. */
  async #catchUp() {
    const last = this.#pages[this.#pages.length - 1];
    const answers = await this.#read(last.from, MOST_PAGES);
    if (!answers) return null;
    const newest = answers[answers.length - 1];
    if (answers[0].preview.lines === 0 || newest.preview.next_line) return this.#toEnd();
    const added = answers.map((answer) => this.#pageOf(answer));
    await this.#show([...this.#pages.slice(0, -1), ...added].slice(-MOST_PAGES));
    this.#scrollToEnd();
    return newest;
  }

  async #toEnd() {
    const answer = await this.#file.load({ end: 1 });
    if (this.#file.signal.aborted) return null;
    await this.begin(answer);
    this.#scrollToEnd();
    return answer;
  }

  /** @param {number} number */
  async #beyond(number) {
    const answer = await this.#toEnd();
    if (!answer || answer.preview.total_lines === null) return;
    const total = answer.preview.total_lines;
    if (number > total) remark(this.#place, `There is no line ${number}: the file has ${plural(total, "line")}. This is its end.`);
  }

  #scrollToEnd() {
    this.#place.scrollTo(0, this.#place.scrollHeight);
    this.#line((this.#pages.at(-1)?.end ?? 1) - 1)?.scrollIntoView({ block: "end" });
  }

  /** @param {boolean} isFollowing */
  #follow(isFollowing) {
    if (isFollowing === this.#isFollowing) return;
    this.#isFollowing = isFollowing;
    one(this.#place, ".follow").setAttribute("aria-pressed", String(isFollowing));
    if (isFollowing) this.#guarded(() => this.#toEnd());
  }

  /** @param {Event} event */
  #submitted(event) {
    event.preventDefault();
    /** @type {HTMLInputElement} */
    const input = one(this.#place, ".text-bar input");
    const number = Number(input.value.replace(/\D/g, ""));
    if (!Number.isSafeInteger(number) || number < 1) return;
    this.#follow(false);
    emit(this.#place, "query-change", { changes: { line: String(number), column: "" } });
    this.#guarded(() => this.goTo(number));
  }

  /**
   * @param {number | null | undefined} number
   * @returns {HTMLElement | null}
   */
  #line(number) {
    return one(this.#place, ".lines").querySelector(`[data-line="${number}"]`);
  }

  /** @param {FileAnswer} answer */
  #pageOf(answer, most = Infinity) {
    this.#total = answer.preview.total_lines ?? this.#total;
    return new TextPage(answer, most);
  }

  /**
   * These pages and no others.
   * @param {TextPage[]} pages
   */
  async #show(pages) {
    for (const page of pages) if (!page.element.hasChildNodes()) await page.build(this.#file.signal);
    if (this.#file.signal.aborted) return;
    const lines = one(this.#place, ".lines");
    for (const old of this.#pages) if (!pages.includes(old)) old.element.remove();
    pages.forEach(({ element }, index) => lines.children[index] !== element && lines.insertBefore(element, lines.children[index] ?? null));
    this.#pages = pages;
    showEnds(this.#place, pages, { total: this.#total, isLog: this.#file.isLog });
    this.#colour();
  }

  async #behind() {
    const next = this.#pages.at(-1)?.next;
    if (!next) return;
    await this.#guarded(async () => {
      const page = this.#pageOf(await this.#file.load({ from_line: next }));
      await this.#show([...this.#pages, page].slice(-MOST_PAGES));
    });
    this.#line(next)?.scrollIntoView({ block: "nearest" });
  }

  async #before() {
    const first = this.#pages[0].from;
    const from = Math.max(1, first - PAGE_LINES);
    await this.#guarded(async () => {
      const page = this.#pageOf(await this.#file.load({ from_line: from }), first - from);
      await this.#show([page, ...this.#pages].slice(0, MOST_PAGES));
    });
    this.#line(first)?.scrollIntoView({ block: "center" });
  }

  /** @param {() => Promise<unknown>} work */
  async #guarded(work) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    showProblem(this.#place, null);
    try {
      await work();
    } catch (error) {
      if (!this.#file.signal.aborted) showProblem(this.#place, /** @type {Error} */ (error));
    } finally {
      this.#isBusy = false;
    }
  }

  async #colour() {
    const isColoured = await this.#colours.show(this.#pages).catch(() => false); // it can be read without
    if (isColoured && !this.#file.signal.aborted) one(this.#place, ".code-text").dataset.coloured = "";
  }
}
