/**
 * The log of a job: `log-viewer`. What is filtered, searched and linked is in the address (`view`, `level`, `phase`, `run`, `q`,
 * `regex`, `line`); what is not is the place one is at.
 */
import { define, delegate, emit, one, remember, remembered } from "../../../lib/dom.js";
import { count, plural } from "../../../lib/format.js";
import { render } from "../../../lib/html.js";
import { oncePerFrame } from "../../../lib/signals.js";
import * as api from "../api.js";
import { listenToTools, paintTools } from "./log-controls.js";
import { frame } from "./log-frame.js";
import { listenToKeys } from "./log-keys.js";
import { LogLines } from "./log-lines.js";
import * as logMatches from "./log-matches.js";
import { LogModel } from "./log-model.js";
import { LogPlace } from "./log-place.js";
import { queryOf } from "./log-query.js";
import { LogSearch } from "./log-search.js";
import { stateOf } from "./log-states.js";
/** @import {Job, OutputEvent, Run} from "../../../lib/types.js" */

export class LogViewer extends HTMLElement {
  /** @type {Job} */
  #job = /** @type {any} */ (null); // from `show` on
  /** @type {Run[]} */
  #runs = [];
  #query = queryOf({});
  #opened = "";
  #searched = "";
  #stateShown = "";
  /** @type {LogModel | null} */
  #model = null;
  /** How many lines came while one was not at the end. */
  #new = 0;
  /** @type {LogSearch} */
  #search = /** @type {any} */ (null); // until it is connected, as the rest
  /** @type {LogLines} */
  #lines = /** @type {any} */ (null);
  /** @type {LogPlace} */
  #place = /** @type {any} */ (null);
  #paint = oncePerFrame(() => this.#job && this.#paintNow());

  connectedCallback() {
    if (this.#lines) return;
    render(this, frame());
    this.#search = new LogSearch((search, signal) => api.getMatches(this.#job.id, this.#query, search, signal), (search, signal) => api.countMatches(this.#job.id, this.#query, search, signal), () => this.#redraw());
    this.#lines = new LogLines(this, this.#search, () => this.#moved());
    this.#place = new LogPlace(this.#lines, () => ({ job: this.#job.id, query: this.#query }));
    const goes = {
      nextError: () => this.#try(this.#place.error(), "No further error follows in what is shown."),
      goTo: (/** @type {"start" | "end"} */ where) => (where === "end" ? this.#place.end() : this.#place.reveal(0)),
      goToTime: (/** @type {string} */ time) => this.#place.time(time),
      nextMatch: (/** @type {number} */ step) => this.#nextMatch(step),
      goToRow: (/** @type {number} */ row) => this.#place.reveal(row),
    };
    listenToTools(this, () => this.#query, goes);
    listenToKeys(this, () => this.#query, goes);
    this.classList.toggle("is-wrapped", remembered("log-wrap") !== "off");
    delegate(this, "click", ".wrap", () => this.#toggleWrap());
    delegate(this, "click", ".log-new, .follow", () => this.#place.end());
    delegate(this, "click", ".again", () => this.#open(null));
    delegate(this, "click", ".log-number", (_, button) => this.#change({ line: String(seqOf(button)) }));
    delegate(this, "click", ".log-whole", (_, button) => this.#lines.showWhole(seqOf(button)));
    delegate(this, "click", ".log-fold", (_, button) => this.#toggleFold(seqOf(button)));
    delegate(this, "click", ".clear-filters", () => this.#change({ level: null, phase: null, view: "all" }));
    this.addEventListener("match-choose", (event) => this.#nextMatch(this.#search.at - /** @type {CustomEvent} */ (event).detail.index));
    this.addEventListener("matches-more", () => this.#search.more());
    this.addEventListener("search-close", () => this.#change({ q: null }));
  }

  /**
   * Show the log of a job as the address says.
   * @param {Job} job
   * @param {Run[]} runs
   * @param {Record<string, string>} query
   */
  show(job, runs, query) {
    const isOther = job.id !== this.#job?.id;
    this.#job = job;
    this.#runs = runs;
    this.#query = queryOf(query);
    const opened = JSON.stringify([job.id, this.#query.run ?? job.runs.at(-1), this.#query]);
    const line = Number(query.line) || null;
    const isLinked = line !== this.#lines.linked;
    this.#lines.linked = line;
    if (opened !== this.#opened) {
      const place = isOther || this.#opened === "" || this.#lines.scroller.isStuck ? null : this.#lines.firstSeq;
      this.#opened = opened;
      this.#open(line ?? place);
    } else if (line !== null && isLinked) this.#toLine(line);
    this.#find(query.q ?? "", query.regex === "1", opened);
    this.#redraw();
  }

  /** It is hidden: ask for nothing, and follow nothing. */
  hide() {
    this.#opened = this.#searched = "";
    this.#model?.stop();
    this.#model = null;
    this.#search.stop();
  }

  /** Lines were written. @param {OutputEvent} event */
  take(event) {
    if (!this.#model || event.job !== this.#job.id || event.run !== this.#model.head?.run) return;
    if (event.generation !== this.#model.head?.generation) return void this.#open(null); // it was replaced by another
    const added = this.#model.take(event);
    if (!this.#lines.scroller.isStuck) this.#new += added;
  }

  /** The connection is back, or the run has ended: read what may be missing. */
  refresh() {
    this.#model?.count();
  }

  focusSearch() {
    one(this, ".log-find input").focus();
  }

  /**
   * Read the log from the start; then go to a line, or to the end.
   * @param {number | null} seq
   */
  async #open(seq) {
    this.#model?.stop();
    if (this.#job.runs.length === 0) return void (this.#model = null);
    const [id, query] = [this.#job.id, this.#query];
    const model = new LogModel(query, (rows, signal) => api.getRows(id, query, rows, signal), () => this.#redraw());
    this.#model = model;
    this.#new = 0;
    await model.count();
    if (model !== this.#model || !model.head) return;
    this.#lines.show(model);
    if (seq === null) this.#place.end();
    else await this.#toLine(seq);
  }

  /** @param {number} seq */
  async #toLine(seq) {
    const isShown = await this.#try(this.#place.line(seq));
    // What a link leads to is shown, whatever the view leaves out.
    if (isShown === false && seq === this.#lines.linked) this.#change({ view: "all", level: null, phase: null });
  }

  /** @param {number} step */
  async #nextMatch(step) {
    const match = await this.#search.go(step);
    if (match) this.#place.reveal(match.row);
  }

  /** @param {string} text @param {boolean} isRegex @param {string} opened */
  async #find(text, isRegex, opened) {
    const searched = text && JSON.stringify([text, isRegex, opened]);
    if (searched === this.#searched) return;
    this.#searched = searched;
    await this.#search.start(text, isRegex);
    if (searched && searched === this.#searched) this.#nextMatch(-1);
  }

  /** @param {number} seq */
  async #toggleFold(seq) {
    const row = this.#lines.rowOf(seq);
    const query = { ...this.#query, view: /** @type {const} */ ("all"), levels: [], phase: null };
    const rows = { row: seq, limit: Math.min(200, this.#lines.hiddenAfter(row)) }; // everything: row 0 is line 1
    await this.#try(this.#lines.toggleFold(seq, async () => (await api.getRows(this.#job.id, query, rows)).lines));
  }

  /**
   * What goes wrong is said, and where nothing is found too.
   * @template T
   * @param {Promise<T>} going
   * @param {string} [nothing]
   */
  async #try(going, nothing) {
    const result = await going.catch((error) => emit(this, "toast", { tone: "warn", title: "The log cannot be read", text: error.message }));
    if (result === false && nothing) emit(this, "toast", { tone: "good", title: "The log", text: nothing, key: "log-nothing" });
    return result;
  }

  /** @param {Record<string, string | null>} changes */
  #change(changes) {
    emit(this, "query-change", { changes });
  }

  #toggleWrap() {
    remember("log-wrap", this.classList.toggle("is-wrapped") ? "on" : "off");
    this.#redraw();
  }

  #redraw() {
    if (this.#model?.head) this.#lines.draw();
    this.#paint();
  }

  #moved() {
    if (this.#lines.scroller.isStuck) this.#new = 0;
    this.#paint();
  }

  #paintNow() {
    const model = this.#model;
    const { isStuck } = this.#lines.scroller;
    paintTools(this, { job: this.#job.id, query: this.#query, head: model?.head ?? null, runs: this.#runs, search: this.#search, isWrapped: this.classList.contains("is-wrapped") });
    const fresh = one(this, ".log-new");
    fresh.hidden = isStuck || this.#new === 0;
    fresh.textContent = `↓ ${plural(this.#new, "new line")}`;
    one(this, ".follow").setAttribute("aria-pressed", String(isStuck));
    one(this, ".follow").textContent = isStuck ? "At the end: follows" : "To the end";
    one(this, ".log-problem").hidden = !model?.error;
    one(this, ".log-problem span").textContent = model?.error ? `${model.error.message} What you see may be old. ` : "";
    /** @type {logMatches.LogMatches} */ (one(this, "log-matches")).show(this.#search);
    const state = stateOf(this.#job, model);
    const place = one(this, ".log-state");
    place.hidden = state === null;
    if (state && state.name !== this.#stateShown) render(place, state.markup);
    this.#stateShown = state?.name ?? "";
    this.dataset.rows = String(model?.rows ?? "");
  }
}

/** Make the elements known. */
export function register() {
  logMatches.register();
  define("log-viewer", LogViewer);
}

/** Number of the line in which something is. @param {HTMLElement} element */
function seqOf(element) {
  return Number(/** @type {HTMLElement | null} */ (element.closest(".log-row"))?.dataset.seq);
}
