/** Reads a log for the viewer: opens it as the address says, goes to places in it, searches it, takes what is written to it. */
import { emit } from "../../../lib/dom.js";
import * as api from "../api.js";
import { LogLines } from "./log-lines.js";
import { LogModel } from "./log-model.js";
import { LogPlace } from "./log-place.js";
import { queryOf } from "./log-query.js";
import { attempt } from "./log-attempt.js";
import { LogSearch } from "./log-search.js";
/** @import {Job, OutputEvent} from "../../../lib/types.js" */

const MOST_FOLDED = 200;

export class LogReader {
  /** From `show` on. @type {Job} */
  job = /** @type {any} */ (null);
  query = queryOf({});
  /** @type {LogModel | null} */
  model = null;
  /** How many lines came while one was not at the end. */
  fresh = 0;
  search;
  lines;
  place;
  #root;
  #onChange;
  #opened = "";
  #searched = "";

  /**
   * `root` has the frame of the viewer; `onChange()` is called when what is shown may be different.
   * @param {HTMLElement} root
   * @param {() => void} onChange
   */
  constructor(root, onChange) {
    this.#root = root;
    this.#onChange = onChange;
    this.search = new LogSearch(
      (search, signal) => api.getMatches(this.job.id, this.query, search, signal),
      (search, signal) => api.countMatches(this.job.id, this.query, search, signal),
      () => this.redraw(),
    );
    this.lines = new LogLines(root, this.search, () => this.#moved());
    this.place = new LogPlace(this.lines, () => ({ job: this.job.id, query: this.query }));
  }

  /**
   * Show the log of a job as the address says.
   * @param {Job} job
   * @param {Record<string, string>} query
   */
  show(job, query) {
    const isOther = job.id !== this.job?.id;
    this.job = job;
    this.query = queryOf(query);
    const opened = JSON.stringify([job.id, this.query.run ?? job.runs.at(-1), this.query]);
    const line = Number(query.line) || null;
    const isLinked = line !== this.lines.linked;
    this.lines.linked = line;
    if (opened !== this.#opened) {
      const place = isOther || this.#opened === "" || this.lines.scroller.isStuck ? null : this.lines.firstSeq;
      this.#opened = opened;
      this.open(line ?? place);
    } else if (line !== null && isLinked) this.#toLine(line);
    this.#find(query.q ?? "", query.regex === "1", opened);
    this.redraw();
  }

  /** It is hidden: ask for nothing, and follow nothing. */
  stop() {
    this.#opened = this.#searched = "";
    this.model?.stop();
    this.model = null;
    this.search.stop();
  }

  /** Lines were written. @param {OutputEvent} event */
  take(event) {
    const head = this.model?.head;
    if (!this.model || event.job !== this.job.id) return;
    if (!head) return this.model.doubt(); // the answer that is awaited may be older
    if (event.run !== head.run) return;
    if (event.generation !== head.generation) return void this.open(null); // it was replaced by another
    const added = this.model.take(event);
    if (!this.lines.scroller.isStuck) this.fresh += added;
  }

  /**
   * Read the log from the start; then go to a line, or to the end.
   * @param {number | null} seq
   */
  async open(seq) {
    this.model?.stop();
    if (this.job.runs.length === 0) return void (this.model = null);
    const [id, query] = [this.job.id, this.query];
    const model = new LogModel(query, (rows, signal) => api.getRows(id, query, rows, signal), () => this.redraw());
    this.model = model;
    this.fresh = 0;
    await model.count();
    if (model !== this.model || !model.head) return;
    this.lines.show(model);
    if (seq === null) this.place.end();
    else await this.#toLine(seq);
  }

  /** @param {number} step */
  async nextMatch(step) {
    const match = await this.search.go(step);
    if (match) this.place.reveal(match.row);
  }

  /** Show what is left out under a line, or leave it out again. @param {number} seq */
  async toggleFold(seq) {
    const hidden = this.lines.hiddenAfter(this.lines.rowOf(seq));
    const query = { ...this.query, view: /** @type {const} */ ("all"), levels: [], phase: null };
    const rows = { row: seq, limit: Math.min(MOST_FOLDED, hidden) }; // everything: row 0 is line 1
    await attempt(this.#root, this.lines.toggleFold(seq, async () => (await api.getRows(this.job.id, query, rows)).lines));
  }

  /** Show what has changed. */
  redraw() {
    if (this.model?.head && this.lines.model === this.model) this.lines.draw();
    this.#onChange();
  }

  /** @param {number} seq */
  async #toLine(seq) {
    const isShown = await attempt(this.#root, this.place.line(seq));
    // What a link leads to is shown, whatever the view leaves out.
    if (isShown === false && seq === this.lines.linked) emit(this.#root, "query-change", { changes: { view: "all", level: null, phase: null } });
  }

  /** @param {string} text @param {boolean} isRegex @param {string} opened */
  async #find(text, isRegex, opened) {
    const searched = text && JSON.stringify([text, isRegex, opened]);
    if (searched === this.#searched) return;
    this.#searched = searched;
    await this.search.start(text, isRegex);
    // A link to a line is stronger than where the search leads.
    if (searched && searched === this.#searched && this.lines.linked === null) this.nextMatch(-1);
  }

  #moved() {
    if (this.lines.scroller.isStuck) this.fresh = 0;
    this.#onChange();
  }
}
