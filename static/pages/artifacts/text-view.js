/**
 * The text of a file, a page of lines at a time. A bounded number of pages exists; those before and behind are asked for
 * by buttons. Colours come afterwards, from a worker.
 */
import { one } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { highlighted } from "../../lib/highlight.js";
import { html, render } from "../../lib/html.js";
import { TextPage, changedLines } from "./text-page.js";

/** @import {FileAnswer} from "./types.js" */

const MOST_PAGES = 25;
const CONTEXT = 30; // lines before one that is pointed out
const PAGE_LINES = 200;
const MOST_CHANGED = 400;

export class TextView {
  #place;
  #load;
  #language;
  #signal;
  /** @type {TextPage[]} */
  #pages = [];
  /** @type {number | null} */
  #total;
  #isBusy = false;

  /**
   * `place` is filled; `load(from_line)` answers with a page of the file; `lines` is how many it has or null.
   * @param {HTMLElement} place
   * @param {{load: (from_line: number) => Promise<FileAnswer>, language: string | null, lines: number | null, signal: AbortSignal}} file
   */
  constructor(place, { load, language, lines, signal }) {
    this.#place = place;
    this.#load = load;
    this.#language = language;
    this.#total = lines;
    this.#signal = signal;
    render(place, frame());
    one(place, ".more-before button").addEventListener("click", () => this.#before());
    one(place, ".more-behind button").addEventListener("click", () => this.#behind());
  }

  /**
   * Begin with the page of this answer.
   * @param {FileAnswer} answer
   */
  async begin(answer) {
    this.#noteTotal(answer);
    await this.#show([new TextPage(answer)]);
  }

  /**
   * Show a line, and point it out.
   * @param {number} number
   */
  async goTo(number) {
    if (!this.#pages.some(({ from, end }) => number >= from && number < end)) {
      await this.begin(await this.#load(Math.max(1, number - CONTEXT)));
    }
    if (this.#signal.aborted) return;
    for (const line of this.#lines.querySelectorAll("[data-target]")) line.removeAttribute("data-target");
    const line = this.#line(number);
    if (!line) return;
    line.dataset.target = "";
    line.scrollIntoView({ block: "center", inline: "nearest" });
  }

  /** The file has changed: read what is shown again, point out what differs. Returns the first answer, null if left. */
  async again() {
    const before = this.#pages.flatMap(({ lines }) => lines.map(({ text }) => text));
    const wanted = Math.max(1, this.#pages.length);
    /** @type {FileAnswer[]} */
    const answers = [];
    /** @type {number | null} */
    let next = this.#pages[0]?.from ?? 1;
    while (next && answers.length < wanted) {
      /** @type {FileAnswer} */
      const answer = await this.#load(next);
      if (this.#signal.aborted) return null;
      answers.push(answer);
      this.#noteTotal(answer);
      next = answer.preview.next_line;
    }
    const pages = answers.map((answer) => new TextPage(answer));
    const changed = changedLines(before, pages.flatMap(({ lines }) => lines));
    await this.#show(pages);
    if (changed.length < MOST_CHANGED) for (const number of changed) this.#line(number)?.setAttribute("data-changed", "");
    return answers[0];
  }

  get #lines() {
    return one(this.#place, ".lines");
  }

  /**
   * @param {number | null | undefined} number
   * @returns {HTMLElement | null}
   */
  #line(number) {
    return this.#lines.querySelector(`[data-line="${number}"]`);
  }

  /** @param {FileAnswer} answer */
  #noteTotal({ preview }) {
    this.#total = preview.total_lines ?? this.#total;
  }

  /**
   * These pages and no others.
   * @param {TextPage[]} pages
   */
  async #show(pages) {
    for (const page of pages) await page.build(this.#signal);
    if (this.#signal.aborted) return;
    this.#pages = pages;
    this.#lines.replaceChildren(...pages.map(({ element }) => element));
    this.#ends();
    this.#colour();
  }

  async #behind() {
    const next = this.#pages.at(-1)?.next;
    if (!next) return;
    await this.#guarded(async () => {
      const answer = await this.#load(next);
      this.#noteTotal(answer);
      await this.#add(new TextPage(answer), (pages, page) => [...pages, page].slice(-MOST_PAGES));
    });
    this.#line(next)?.scrollIntoView({ block: "nearest" });
  }

  async #before() {
    const first = this.#pages[0].from;
    const from = Math.max(1, first - PAGE_LINES);
    await this.#guarded(async () => {
      const page = new TextPage(await this.#load(from), first - from);
      await this.#add(page, (pages) => [page, ...pages].slice(0, MOST_PAGES));
    });
    this.#line(first)?.scrollIntoView({ block: "center" });
  }

  /** @param {() => Promise<void>} work */
  async #guarded(work) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    const problem = one(this.#place, ".more-problem");
    problem.hidden = true;
    try {
      await work();
    } catch (error) {
      if (this.#signal.aborted) return;
      problem.textContent = /** @type {Error} */ (error).message;
      problem.hidden = false;
    } finally {
      this.#isBusy = false;
    }
  }

  /**
   * One page more; those that are too many are removed.
   * @param {TextPage} page
   * @param {(pages: TextPage[], page: TextPage) => TextPage[]} joined
   */
  async #add(page, joined) {
    await page.build(this.#signal);
    if (this.#signal.aborted) return;
    const pages = joined(this.#pages, page);
    for (const old of this.#pages) if (!pages.includes(old)) old.element.remove();
    if (pages[0] === page) this.#lines.prepend(page.element);
    else this.#lines.append(page.element);
    this.#pages = pages;
    this.#ends();
    this.#colour();
  }

  /** Buttons and text at both ends. */
  #ends() {
    const [first, last] = [this.#pages[0], this.#pages[this.#pages.length - 1]];
    const [before, behind] = [one(this.#place, ".more-before"), one(this.#place, ".more-behind")];
    before.hidden = first.from <= 1;
    behind.hidden = !last.next;
    one(this.#place, ".no-lines").hidden = last.end > 1;
    const of = this.#total ? ` of ${count(this.#total)}` : "";
    one(behind, "span").textContent = `Lines ${count(first.from)} to ${count(last.end - 1)}${of}`;
    one(this.#place, ".code-text").style.setProperty("--digits", String(String(Math.max(last.end, 100)).length));
  }

  /** Ask for the colours of all pages together: a comment may begin in one and end in another. */
  async #colour() {
    const pages = this.#pages;
    const text = pages.flatMap(({ lines }) => lines.map((line) => line.text)).join("\n");
    const found = await highlighted(text, this.#language);
    if (!found || this.#signal.aborted) return;
    let at = 0;
    for (const page of pages) {
      await page.colour(found.slice(at, at + page.lines.length), this.#signal);
      at += page.lines.length;
    }
    one(this.#place, ".code-text").dataset.coloured = "";
  }
}

function frame() {
  return html`<p class="more-lines more-before" hidden><button type="button" class="button" data-testid="lines-before">Show earlier lines</button></p>
    <div class="code-text" data-testid="code"><div class="lines"></div></div>
    <p class="no-lines hint" hidden>The file is empty.</p>
    <p class="more-problem" role="status" hidden></p>
    <p class="more-lines more-behind" hidden><button type="button" class="button" data-testid="lines-behind">Load more lines</button><span data-testid="lines-shown"></span></p>`;
}
