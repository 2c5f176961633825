/**
 * The text of a file, a page of lines at a time: those before and behind are asked for by buttons, the end and any line at
 * once. While it is followed, the end stays in view.
 */
import { delegate, emit, one } from "../../lib/dom.js";
import { plural } from "../../lib/format.js";
import { LongLines } from "./long-lines.js";
import { frameText, remark, showProblem } from "./text-frame.js";
import { changedLines } from "./text-page.js";
import { MOST_PAGES, TextPages } from "./text-pages.js";

/** @import {FileAnswer, TextSource} from "./types.js" */

const CONTEXT = 30; // lines before one that is pointed out
const MOST_CHANGED = 400;
const UPWARDS = new Set(["ArrowUp", "PageUp", "Home"]);

export class TextView {
  #place;
  #file;
  #long;
  #pages;
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
    frameText(place);
    this.#pages = new TextPages(place, file);
    this.#long = new LongLines(place, file);
    const on = (/** @type {string} */ selector, /** @type {() => Promise<unknown>} */ work) =>
      one(place, selector).addEventListener("click", () => this.#guarded(work));
    on(".more-before button", async () => this.#pages.line(await this.#pages.addBefore())?.scrollIntoView({ block: "center" }));
    on(".more-behind button", async () => this.#pages.line(await this.#pages.addBehind())?.scrollIntoView({ block: "nearest" }));
    on(".to-start", () => this.goTo(1));
    on(".to-end", () => this.#toEnd());
    one(place, ".follow").addEventListener("click", () => this.#follow(!this.#isFollowing));
    one(place, ".text-bar").addEventListener("submit", (event) => this.#submitted(event));
    delegate(one(place, ".lines"), "click", "button.clipped", (_, button) => this.#guarded(() => this.#long.turn(button)));
    const { signal } = file;
    place.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && this.#follow(false), { passive: true, signal });
    place.addEventListener("keydown", ({ key }) => UPWARDS.has(key) && this.#follow(false), { signal });
  }

  /**
   * Begin with the page of this answer.
   * @param {FileAnswer} answer
   */
  async begin(answer) {
    await this.#pages.show([answer]);
  }

  /**
   * Show a line, and point it out; with `column` the part of it that has that, `length` characters of which are marked. Beyond
   * the end it is the end that is shown.
   * @param {number} number
   * @param {number | null} [column]
   */
  async goTo(number, column = null, length = 1) {
    remark(this.#place, "");
    if (!this.#pages.has(number)) {
      const answer = await this.#file.load({ from_line: Math.max(1, number - CONTEXT) });
      if (answer.preview.lines > 0) await this.begin(answer);
      if (!this.#pages.has(number)) return this.#beyond(number);
    }
    const line = this.#pages.line(number);
    if (line && !this.#file.signal.aborted) await this.#long.point(line, number, column, length);
  }

  /** The file has changed: read what is shown again, point out what differs. Returns the first answer, null if left. */
  async again() {
    this.#pages.forgetColours();
    if (this.#isFollowing) return this.#catchUp();
    const before = this.#pages.texts;
    const answers = await this.#pages.read(this.#pages.from, Math.max(1, this.#pages.count));
    if (!answers) return null;
    const pages = await this.#pages.show(answers);
    const changed = changedLines(before, pages.flatMap(({ lines }) => lines));
    if (changed.length < MOST_CHANGED) for (const number of changed) this.#pages.line(number)?.setAttribute("data-changed", "");
    return answers[0];
  }

  /** What was added since the last page was read; from the end if that is much, or if the file was begun anew. */
  async #catchUp() {
    const answers = await this.#pages.read(this.#pages.last.from, MOST_PAGES);
    if (!answers) return null;
    const newest = answers[answers.length - 1];
    if (answers[0].preview.lines === 0 || newest.preview.next_line) return this.#toEnd();
    await this.#pages.show(answers, true);
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
    const total = (await this.#toEnd())?.preview.total_lines ?? Infinity;
    if (number > total) remark(this.#place, `There is no line ${number}: the file has ${plural(total, "line")}. This is its end.`);
  }

  #scrollToEnd() {
    this.#place.scrollTo(0, this.#place.scrollHeight);
    this.#pages.line((this.#pages.last?.end ?? 1) - 1)?.scrollIntoView({ block: "end" });
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
}
