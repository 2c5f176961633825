/**
 * The text of a file, a page of lines at a time. A bounded number of pages is kept; those before and behind are asked for
 * by buttons. Colours come afterwards, from a worker.
 */
import { count } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { highlighted } from "../../lib/highlight.js";
import { inChunks, inSlices } from "../../lib/slices.js";
import { colour, lineElement } from "./code-lines.js";

const MOST_PAGES = 25;
const CONTEXT = 30; // lines before one that is pointed out
const PAGE_LINES = 200;
const MOST_CHANGED = 400;
const MOST_PIECES = 60_000;
const CHUNK_LINES = 50;
const LINE_PX = 20; // as in code.css

export class TextView {
  #place;
  #load;
  #language;
  #signal;
  #pages = []; // {from, lines: [{number, text, isClipped, isHidden}], next, element, isColoured}
  #total = null;
  #busy = null;

  /** `place` is filled; `load(from_line)` answers with a page of the file; `signal` ends it. */
  constructor(place, { load, language, lines, signal }) {
    this.#place = place;
    this.#load = load;
    this.#language = language;
    this.#total = lines;
    this.#signal = signal;
    render(place, frame());
    place.querySelector(".more-before button").addEventListener("click", () => this.#before());
    place.querySelector(".more-behind button").addEventListener("click", () => this.#behind());
  }

  /** Begin with this page. */
  async begin(answer) {
    this.#pages = [];
    this.#lines.replaceChildren();
    await this.#add(answer, false);
  }

  /** Show a line, and point it out. */
  async goTo(number) {
    if (!this.#pages.some(({ from, lines }) => number >= from && number < from + lines.length)) {
      await this.begin(await this.#load(Math.max(1, number - CONTEXT)));
    }
    if (this.#signal.aborted) return;
    for (const line of this.#lines.querySelectorAll("[data-target]")) delete line.dataset.target;
    const line = this.#lines.querySelector(`[data-line="${number}"]`);
    if (!line) return;
    line.dataset.target = "";
    line.scrollIntoView({ block: "center", inline: "nearest" });
  }

  /** The file has changed: read what is shown again, point out what differs. */
  async again() {
    const before = this.#pages.flatMap(({ lines }) => lines.map(({ text }) => text));
    const from = this.#pages[0]?.from ?? 1;
    const wanted = this.#pages.length;
    const answers = [];
    for (let next = from; next && answers.length < Math.max(1, wanted); next = answers.at(-1).preview.next_line) {
      answers.push(await this.#load(next));
      if (this.#signal.aborted) return null;
    }
    const pages = answers.map((answer) => this.#page(answer));
    const after = pages.flatMap(({ lines }) => lines);
    const changed = new Set(changedLines(before, after));
    this.#total = answers.at(-1).preview.total_lines ?? this.#total;
    this.#pages = pages;
    const parts = document.createDocumentFragment();
    for (const page of pages) await this.#build(page, parts);
    this.#lines.replaceChildren(parts);
    if (changed.size > 0 && changed.size < MOST_CHANGED) {
      for (const line of this.#lines.querySelectorAll(".line")) {
        if (changed.has(Number(line.dataset.line))) line.dataset.changed = "";
      }
    }
    this.#ends();
    this.#colour();
    return answers[0];
  }

  /** How many lines the file has, once that is known. */
  set total(number) {
    this.#total = number;
    this.#ends();
  }

  get #lines() {
    return this.#place.querySelector(".lines");
  }

  async #behind() {
    const next = this.#pages.at(-1)?.next;
    await this.#guarded(async () => {
      await this.#add(await this.#load(next), false);
      if (this.#pages.length > MOST_PAGES) this.#pages.shift().element.remove();
    });
    this.#lines.querySelector(`[data-line="${next}"]`)?.scrollIntoView({ block: "nearest" });
  }

  async #before() {
    const first = this.#pages[0].from;
    const from = Math.max(1, first - PAGE_LINES);
    await this.#guarded(async () => {
      const answer = await this.#load(from);
      cut(answer, first - from);
      await this.#add(answer, true);
      if (this.#pages.length > MOST_PAGES) this.#pages.pop().element.remove();
    });
    this.#lines.querySelector(`[data-line="${first}"]`)?.scrollIntoView({ block: "center" });
  }

  async #guarded(work) {
    if (this.#busy) return;
    this.#busy = true;
    const said = this.#place.querySelector(".more-problem");
    said.hidden = true;
    try {
      await work();
    } catch (error) {
      if (this.#signal.aborted) return;
      said.textContent = error.message;
      said.hidden = false;
    } finally {
      this.#busy = false;
    }
    this.#ends();
  }

  async #add(answer, isBefore) {
    if (this.#signal.aborted) return;
    const page = this.#page(answer);
    this.#total = answer.preview.total_lines ?? this.#total;
    const parts = document.createDocumentFragment();
    await this.#build(page, parts);
    if (this.#signal.aborted) return;
    if (isBefore) this.#pages.unshift(page);
    else this.#pages.push(page);
    if (isBefore) this.#lines.prepend(parts);
    else this.#lines.append(parts);
    this.#ends();
    this.#colour();
  }

  #page({ preview }) {
    const { from_line: from, clipped, hidden, next_line: next } = preview;
    const [isClipped, isHidden] = [new Set(clipped), new Set(hidden)];
    const texts = preview.lines === 0 ? [] : preview.text.split("\n");
    const lines = texts.map((text, index) => {
      const number = from + index;
      return { number, text, isClipped: isClipped.has(number), isHidden: isHidden.has(number) };
    });
    return { from, lines, next, element: null, isColoured: false };
  }

  async #build(page, parts) {
    page.element = document.createElement("div");
    parts.append(page.element);
    const options = { size: CHUNK_LINES, height_px: LINE_PX, signal: this.#signal };
    await inChunks(page.element, page.lines, lineElement, options);
  }

  /** Buttons and words at both ends. */
  #ends() {
    const [first, last] = [this.#pages[0], this.#pages.at(-1)];
    const [before, behind] = [this.#place.querySelector(".more-before"), this.#place.querySelector(".more-behind")];
    before.hidden = !first || first.from <= 1;
    behind.hidden = !last?.next;
    this.#place.querySelector(".no-lines").hidden = !first || this.#pages.some(({ lines }) => lines.length > 0);
    if (!first) return;
    const end = last.from + last.lines.length - 1;
    const of = this.#total ? ` of ${count(this.#total)}` : "";
    behind.querySelector("span").textContent = `Lines ${count(first.from)} to ${count(end)}${of}`;
    this.#place.querySelector(".code-text").style.setProperty("--digits", String(Math.max(end, 100)).length);
  }

  /** Ask for the colours of all pages together: a comment may begin in one and end in another. */
  async #colour() {
    const pages = [...this.#pages];
    const text = pages.flatMap(({ lines }) => lines.map((line) => line.text)).join("\n");
    const found = await highlighted(text, this.#language);
    if (!found || found.length < pages.reduce((sum, { lines }) => sum + lines.length, 0)) return;
    let at = 0;
    for (const page of pages) {
      const pieces = found.slice(at, at + page.lines.length);
      at += page.lines.length;
      if (page.isColoured || !this.#pages.includes(page)) continue;
      page.isColoured = true;
      if (pieces.reduce((sum, line) => sum + line.length / 2, 0) > MOST_PIECES) continue;
      const elements = page.element.querySelectorAll(".line");
      const done = await inSlices(pieces, (line, index) => colour(elements[index], line, page.lines[index]), this.#signal);
      if (!done) return;
    }
    this.#place.querySelector(".code-text").dataset.coloured = "";
  }
}

/** Leave the first `number` lines of an answer. */
function cut({ preview }, number) {
  if (preview.lines <= number) return;
  preview.text = preview.text.split("\n").slice(0, number).join("\n");
  preview.lines = number;
}

/** Numbers of the lines between what both texts begin and end with. */
function changedLines(before, after) {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start].text) start += 1;
  let end = 0;
  const least = Math.min(before.length, after.length) - start;
  while (end < least && before.at(-1 - end) === after.at(-1 - end).text) end += 1;
  return after.slice(start, after.length - end).map(({ number }) => number);
}

function frame() {
  return html`<p class="more-lines more-before" hidden><button type="button" class="button" data-testid="lines-before">Show earlier lines</button></p>
    <div class="code-text" data-testid="code"><div class="lines"></div></div>
    <p class="no-lines hint" hidden>The file is empty.</p>
    <p class="more-problem" role="status" hidden></p>
    <p class="more-lines more-behind" hidden><button type="button" class="button" data-testid="lines-behind">Load more lines</button><span data-testid="lines-shown"></span></p>`;
}
