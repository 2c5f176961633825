/**
 * The log of a job: `log-viewer`. What is filtered, searched and linked is in the address (`view`, `level`, `phase`, `run`, `q`,
 * `regex`, `line`); what is not is the place one is at.
 */
import { define, delegate, emit, one, remember, remembered } from "../../../lib/dom.js";
import { render } from "../../../lib/html.js";
import { atMostEvery, oncePerFrame } from "../../../lib/signals.js";
import { attempt } from "./log-attempt.js";
import { listenToTools } from "./log-controls.js";
import { frame } from "./log-frame.js";
import { listenToKeys } from "./log-keys.js";
import * as logMatches from "./log-matches.js";
import { paintViewer } from "./log-paint.js";
import { LogReader } from "./log-reader.js";
/** @import {Job, OutputEvent, Run} from "../../../lib/types.js" */

const PAINT_MS = 80; // the tools, while lines scroll by
const NO_ERROR = "No further error follows in what is shown.";

export class LogViewer extends HTMLElement {
  /** @type {Run[]} */
  #runs = [];
  /** @type {LogReader} */
  #reader = /** @type {any} */ (null); // until it is connected
  #paint = atMostEvery(PAINT_MS, oncePerFrame(() => this.#reader.job && paintViewer(this, this.#reader, this.#runs)));

  connectedCallback() {
    if (this.#reader) return;
    render(this, frame());
    const reader = (this.#reader = new LogReader(this, () => this.#paint()));
    const { place } = reader;
    const goes = {
      nextError: () => attempt(this, place.error(), NO_ERROR),
      goTo: (/** @type {"start" | "end"} */ where) => (where === "end" ? place.end() : place.reveal(0)),
      goToTime: (/** @type {string} */ time) => attempt(this, place.time(time)),
      nextMatch: (/** @type {number} */ step) => reader.nextMatch(step),
      goToRow: (/** @type {number} */ row) => place.reveal(row),
    };
    listenToTools(this, () => reader.query, goes);
    listenToKeys(this, () => reader.query, goes);
    this.classList.toggle("is-wrapped", remembered("log-wrap") !== "off");
    delegate(this, "click", ".wrap", () => this.#toggleWrap());
    delegate(this, "click", ".log-new, .follow", () => place.end());
    delegate(this, "click", ".again", () => reader.open(null));
    delegate(this, "click", ".log-number", (_, button) => this.#change({ line: String(seqOf(button)) }));
    delegate(this, "click", ".log-whole", (_, button) => reader.lines.showWhole(seqOf(button)));
    delegate(this, "click", ".log-fold", (_, button) => reader.toggleFold(seqOf(button)));
    delegate(this, "click", ".clear-filters", () => this.#change({ level: null, phase: null, view: "all" }));
    delegate(this, "click", ".match", (_, { dataset }) => reader.nextMatch(reader.search.at - Number(dataset.index)));
    delegate(this, "click", ".more-matches", () => reader.search.more());
    delegate(this, "click", ".end-search", () => this.#change({ q: null }));
  }

  /**
   * Show the log of a job as the address says.
   * @param {Job} job
   * @param {Run[]} runs
   * @param {Record<string, string>} query
   */
  show(job, runs, query) {
    this.#runs = runs;
    this.#reader.show(job, query);
  }

  /** It is hidden: ask for nothing, and follow nothing. */
  hide() {
    this.#reader.stop();
  }

  /** Lines were written. @param {OutputEvent} event */
  take(event) {
    this.#reader.take(event);
  }

  /** The connection is back, or the run has ended: read what may be missing. */
  refresh() {
    this.#reader.model?.count();
  }

  /** @param {Record<string, string | null>} changes */
  #change(changes) {
    emit(this, "query-change", { changes });
  }

  #toggleWrap() {
    remember("log-wrap", this.classList.toggle("is-wrapped") ? "on" : "off");
    this.#reader.redraw();
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
