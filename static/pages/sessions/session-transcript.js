/** The transcript of a session: any number of rows, searched, followed, linked to by line: `session-transcript`. */
import { define, delegate, emit, listen, one } from "../../lib/dom.js";
import { plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { RowPages } from "../../ui/row-pages.js";
import { RowScroller } from "../../ui/row-scroller.js";
import { segments } from "../../ui/segments.js";
import { getLine, getMatches, getRows } from "./api.js";
import { PAGES } from "./figures.js";
import { RowFolds } from "./row-folds.js";
import { TranscriptSearch } from "./transcript-search.js";
import { fillRow, makeRow } from "./transcript-row.js";
/** @import {RowsAnswer, View} from "./types.js" */

const ROW_PX = 44;
const AGAIN_MS = 300;
const TYPED_MS = 250;

export class SessionTranscript extends HTMLElement {
  #id = "";
  /** @type {View} */
  #view = "conversation";
  #linked = /** @type {number | null} */ (null);
  /** What the service said of the log last. @type {RowsAnswer | null} */
  #head = null;
  /** The first row that is here and may have changed since, as the service said. */
  #unsettled = Infinity;
  #folds = new RowFolds();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typed;
  #opening = new AbortController();
  #pages = new RowPages(
    PAGES,
    (row, limit, signal) => getRows(this.#id, { view: this.#view, row, limit }, signal),
    (answer) => this.#take(answer),
    (error) => this.#fail(error),
  );
  #search = new TranscriptSearch((search, signal) => getMatches(this.#id, { ...search, view: this.#view }, signal), () => this.#draw());
  /** @type {RowScroller} */
  #scroller = /** @type {any} */ (null); // from when it is connected on

  connectedCallback() {
    if (this.firstChild) return;
    render(this, frame());
    this.#scroller = new RowScroller(one(this, ".turns"), one(this, ".turns-space"), one(this, ".turns-block"), {
      rowHeight: ROW_PX,
      make: makeRow,
      fill: (element, row) => fillRow(element, this.#stateOf(row)),
      onDraw: ({ first, end, isJump }) => this.#head && this.#pages.want(first, end, isJump),
      onMove: () => this.#sayWhere(),
    });
    this.#listen();
  }

  /** Show the transcript of a session as the address says. @param {string} id @param {Record<string, string>} query */
  show(id, query) {
    const view = query.view === "all" ? "all" : "conversation";
    const line = Number(query.line) || null;
    const isOther = id !== this.#id || view !== this.#view;
    const isLinked = line !== this.#linked;
    const place = isOther && id === this.#id ? this.#firstLine : null;
    Object.assign(this, { hidden: false });
    [this.#id, this.#view, this.#linked] = [id, view, line];
    /** @type {import("../../ui/segments.js").SegmentGroup} */ (one(this, "segment-group")).value = view;
    if (isOther) this.#begin(line ?? place);
    else if (isLinked && line !== null) this.#toLine(line);
    else this.#draw();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#id = "";
    clearTimeout(this.#again);
    this.#pages.clear();
    this.#search.stop();
  }

  /** The log was written to. */
  grew() {
    clearTimeout(this.#again);
    if (this.#id) this.#again = setTimeout(() => this.#look(), AGAIN_MS);
  }

  /** Read it anew, then go to a line, or to the end. @param {number | null} line */
  #begin(line) {
    this.#pages.clear();
    this.#folds.clear();
    this.#head = null;
    this.#unsettled = Infinity;
    this.#say("");
    this.#scroller.rows = 0;
    one(this, ".turns-waits").hidden = false;
    if (line !== null) this.#toLine(line);
    else this.#look(true);
    this.#find();
  }

  /** Ask how long the log is now. */
  async #look(isFirst = false) {
    this.#opening.abort();
    const { signal } = (this.#opening = new AbortController());
    const [id, view] = [this.#id, this.#view];
    try {
      const answer = await getRows(id, { view, limit: isFirst ? 60 : 1 }, signal);
      if (signal.aborted || id !== this.#id || view !== this.#view) return;
      if (this.#head && answer.generation !== this.#head.generation) return this.#begin(null);
      if (isFirst) this.#scroller.toEnd();
      this.#folds.expire(this.#pages.get(this.#unsettled)?.line ?? Infinity);
      this.#pages.expire(this.#unsettled);
      this.#unsettled = Infinity;
      this.#pages.put(answer);
      this.#take(answer);
    } catch (error) {
      if (!signal.aborted) this.#fail(/** @type {Error} */ (error));
    }
  }

  /** @param {number} line */
  async #toLine(line) {
    const [id, view] = [this.#id, this.#view];
    try {
      const answer = await getRows(id, { view, line, limit: 60 });
      if (id !== this.#id || view !== this.#view) return;
      this.#pages.put(answer);
      this.#take(answer);
      this.#scroller.reveal(answer.first_row);
      // A link to a line that the conversation leaves out shows every line.
      const isThere = line !== this.#linked || answer.data[0]?.line === line;
      if (!isThere && view === "conversation" && answer.is_indexed) emit(this, "query-change", { changes: { view: "all" } });
      else if (!isThere && !answer.is_indexed) this.#again = setTimeout(() => this.#toLine(line), AGAIN_MS);
    } catch (error) {
      this.#fail(/** @type {Error} */ (error));
    }
  }

  /** @param {RowsAnswer} answer */
  #take(answer) {
    this.#head = answer;
    if (answer.settled_rows < answer.rows) this.#unsettled = Math.min(this.#unsettled, answer.settled_rows);
    one(this, ".turns-waits").hidden = true;
    this.#say(answer.rows === 0 && answer.is_indexed ? "Nothing is in this log yet." : "");
    if (!answer.is_indexed) this.grew(); // there is more to be read
    this.#draw();
  }

  /** @param {Error} error */
  #fail(error) {
    one(this, ".turns-waits").hidden = true;
    this.#say(error.message);
  }

  /** @param {string} text */
  #say(text) {
    const place = one(this, ".turns-note");
    place.hidden = text === "";
    place.textContent = text;
  }

  #draw() {
    if (!this.#scroller || !this.#id) return;
    this.#scroller.rows = this.#head?.rows ?? 0;
    one(this, ".find-sum").textContent = this.#search.sum;
    const isNone = this.#search.matches.length === 0;
    for (const name of ["previous", "next"]) /** @type {HTMLButtonElement} */ (one(this, `.${name}`)).disabled = isNone;
    one(this, ".regex").setAttribute("aria-pressed", String(this.#isRegex));
    this.#sayWhere();
  }

  #sayWhere() {
    const { rows = 0, lines = 0, is_indexed: isIndexed = true } = this.#head ?? {};
    const sum = this.#view === "all" ? plural(lines, "line") : `${plural(rows, "row")} of ${plural(lines, "line")}`;
    one(this, ".turns-sum").textContent = this.#head ? `${sum}${isIndexed ? "" : ", still reading"}` : "";
    const follow = one(this, ".follow");
    follow.setAttribute("aria-pressed", String(this.#scroller.isStuck));
    follow.textContent = this.#scroller.isStuck ? "Following the end" : "To the end";
  }

  /** @param {number} index @returns {import("./transcript-row.js").RowState} */
  #stateOf(index) {
    const row = this.#pages.get(index);
    const { text, isRegex, byRow, current } = this.#search;
    return {
      row,
      open: row ? this.#folds.openOf(row.line) : ",",
      whole: row ? this.#folds.wholeOf(row.line) : null,
      isLinked: row !== undefined && row.line === this.#linked,
      isCurrent: current?.row === index,
      match: byRow.get(index),
      word: text && !isRegex ? text : null,
    };
  }

  get #firstLine() {
    return this.#pages.get(this.#scroller.first)?.line ?? null;
  }

  /** @returns {HTMLInputElement} */
  get #input() {
    return one(this, "input[type=search]");
  }

  #isRegex = false;

  #find() {
    clearTimeout(this.#typed);
    this.#search.start(this.#input.value.trim(), this.#isRegex, () => this.#goTo(1));
  }

  /** @param {number} step */
  #goTo(step) {
    const match = this.#search.go(step);
    if (match) this.#scroller.reveal(match.row);
  }

  #listen() {
    const isShown = () => this.checkVisibility();
    this.#input.addEventListener("input", () => {
      clearTimeout(this.#typed);
      this.#typed = setTimeout(() => this.#find(), TYPED_MS);
    });
    this.#input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      if (this.#input.value.trim() === this.#search.text) this.#goTo(event.shiftKey ? 1 : -1);
      else this.#find();
    });
    delegate(this, "click", ".previous", () => this.#goTo(-1));
    delegate(this, "click", ".next", () => this.#goTo(1));
    delegate(this, "click", ".regex", () => {
      this.#isRegex = !this.#isRegex;
      this.#find();
    });
    delegate(this, "click", ".follow", () => this.#scroller.toEnd());
    delegate(this, "click", ".turn-line", (_, button) => emit(this, "query-change", { changes: { line: String(lineOf(button)) } }));
    delegate(this, "click", ".turn-fold", (_, button) => this.#toggle(button));
    delegate(this, "click", ".turn-more", (_, button) => this.#more(button));
    this.addEventListener("segment-choose", ({ detail: { value } }) => emit(this, "query-change", { changes: { view: value === "all" ? "all" : null, line: null } }));
    const toggleView = () => emit(this, "query-change", { changes: { view: this.#view === "all" ? null : "all", line: null } });
    listen({ n: () => this.#goTo(1), p: () => this.#goTo(-1), v: toggleView }, isShown);
    one(this, ".turns").addEventListener("keydown", (event) => this.#pressed(/** @type {KeyboardEvent} */ (event)));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "End") this.#scroller.toEnd();
    else if (event.key === "Home") this.#scroller.reveal(0);
    else if (event.key === "Enter" && event.target === one(this, ".turns")) this.#toggleFirst();
    else return;
    event.preventDefault();
  }

  /** Unfold, or fold, all parts of the row that one is at: the match, the link, or the first in view. */
  #toggleFirst() {
    const at = this.#search.current?.row ?? this.#scroller.elements.find(({ dataset }) => dataset.line === String(this.#linked))?.row ?? this.#scroller.first;
    const row = this.#pages.get(at);
    if (!row) return;
    this.#folds.toggleAll(row);
    this.#draw();
  }

  /** @param {Element} button */
  #toggle(button) {
    this.#folds.toggle(lineOf(button), partNumber(button));
    this.#draw();
  }

  /** @param {Element} button */
  async #more(button) {
    const line = lineOf(button);
    await this.#folds.showWhole(line, partNumber(button), () => getLine(this.#id, line).catch((error) => this.#fail(error)));
    this.#draw();
  }
}

/** @param {Element} button */
const lineOf = (button) => Number(/** @type {HTMLElement} */ (button.closest(".turn")).dataset.line);
/** @param {Element} button */
const partNumber = (button) => Number(/** @type {HTMLElement} */ (button.closest(".turn-part")).dataset.part);

/** Make the element known. */
export function register() {
  define("session-transcript", SessionTranscript);
}

function frame() {
  const views = [
    { value: "conversation", label: "Conversation", title: "What was said and done (v)" },
    { value: "all", label: "Every line", title: "Every line of the log (v)" },
  ];
  return html`<div class="turns-tools" role="toolbar" aria-label="Transcript">
      <search class="find-bar turns-find">${icon("search")}<input type="search" data-testid="transcript-search" placeholder="Search the transcript" aria-label="Search the transcript" maxlength="500" spellcheck="false" autocomplete="off" />
        <span class="find-sum" role="status" data-testid="find-sum"></span>
        <button type="button" class="tool regex" aria-pressed="false" title="Regular expression" aria-label="Regular expression">.*</button>
        <button type="button" class="tool previous" title="Previous match (p)" aria-label="Previous match" disabled>↑</button>
        <button type="button" class="tool next" title="Next match (n)" aria-label="Next match" disabled>↓</button></search>
      ${segments({ name: "transcript-view", label: "View", choices: views })}
    </div>
    <div class="turns-main">
      <div class="turns" tabindex="0" role="region" aria-label="Transcript" data-testid="transcript"><div class="turns-space"><div class="turns-block" role="list"></div></div></div>
      <p class="turns-note" role="status" hidden></p><div class="turns-waits"><span class="spinner" aria-hidden="true"></span></div>
    </div>
    <footer class="turns-foot"><span class="turns-sum" data-testid="transcript-sum"></span><button type="button" class="link follow" data-testid="transcript-follow" aria-pressed="false">To the end</button></footer>`;
}
