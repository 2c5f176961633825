/** One pipeline, as a column a step, or one of its jobs with its log: `pipeline-detail`. */
import { define, delegate, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { atMostEvery, oncePerFrame } from "../../lib/signals.js";
import { connecting, state } from "../../ui/state.js";
import * as api from "./api.js";
import { jobHead } from "./job-head.js";
import { headOf } from "./pipeline-head.js";
import { oneAtATime } from "./one-at-a-time.js";
import * as pipelineLog from "./pipeline-log.js";
import { fillColumns } from "./step-columns.js";
import { jobIn, withRow } from "./tree.js";
/** @import {Markup, Pipeline} from "../../lib/types.js" */
/** @import {HttpError} from "../../live/http.js" */
/** @import {Pipelines} from "../../stores/pipelines.js" */
/** @import {PipelineAnswer} from "./types.js" */

const AGAIN_MS = 200;
const COSTS_MS = 5_000;

export class PipelineDetail extends HTMLElement {
  #id = "";
  /** @type {string | null} */
  #job = null;
  /** @type {PipelineAnswer | null} */
  #answer = null;
  /** @type {HttpError | null} */
  #problem = null;
  /** @type {AbortController | null} */
  #asking = null;
  /** Reports since it was asked: the answer may be older. @type {Pipeline | null} */
  #late = null;
  #shown = new WeakMap(); // place → the text of its markup
  #draw = oncePerFrame(() => this.hidden || this.#drawNow());
  #again = atMostEvery(AGAIN_MS, () => this.refresh());
  #againSlowly = atMostEvery(COSTS_MS, () => this.refresh());

  /** Ask for it again. */
  refresh = oneAtATime(() => this.#ask());

  connectedCallback() {
    if (this.firstChild) return;
    render(this, html`<div class="pipe-state" hidden></div><p class="pipe-old" role="status" hidden></p><header class="detail-head"></header><div class="step-columns"></div><pipeline-log hidden></pipeline-log>`);
    delegate(this, "click", ".again", () => this.refresh());
    this.#log.setUp(this);
  }

  /** @param {Pipelines} store */
  setUp(store) {
    store.addEventListener("row", ({ detail: row }) => this.#take(row));
    store.addEventListener("removed", ({ detail: id }) => id === this.#id && this.#again());
    store.addEventListener("reset", () => this.#again());
  }

  /** @param {string} id @param {Record<string, string>} query */
  show(id, query) {
    const isOther = id !== this.#id;
    const isOpening = this.hidden || isOther;
    const job = query.job || null;
    if (isOpening || job !== this.#job) this.scrollTop = 0;
    this.hidden = false;
    this.#job = job;
    if (isOther) this.#forget(id);
    if (isOpening) this.refresh();
    this.#drawNow();
  }

  /** Calls were counted: they may be of its sessions. */
  noteCosts() {
    if (!this.hidden && this.#answer?.links.sessions?.length) this.#againSlowly();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.hidden = true;
    this.#log.hide();
    this.#asking?.abort();
    this.#asking = null;
  }

  async #ask() {
    if (this.hidden) return;
    const asking = (this.#asking = new AbortController());
    this.#late = null;
    try {
      const answer = await api.getPipeline(this.#id, asking.signal);
      if (this.#asking !== asking) return;
      this.#answer = this.#late ? withRow(answer, this.#late) : answer;
      this.#problem = null;
    } catch (error) {
      if (this.#asking !== asking) return;
      this.#problem = /** @type {HttpError} */ (error);
      if (this.#problem.status === 404) this.#answer = null;
    }
    this.#asking = null;
    this.#drawNow();
  }

  /** @returns {pipelineLog.PipelineLog} */
  get #log() {
    return one(this, "pipeline-log");
  }

  /** @param {string} id */
  #forget(id) {
    this.#id = id;
    this.#answer = this.#problem = null;
    this.#asking?.abort();
    this.#asking = null;
  }

  /** What a report says is shown at once; its jobs are asked for. @param {Pipeline} row */
  #take(row) {
    if (row.id !== this.#id || this.hidden) return;
    if (this.#asking) this.#late = row;
    // Where only a log has moved, its page need not wait for the tree.
    if (row.updated_at === this.#answer?.pipeline.updated_at) this.#log.refresh();
    if (this.#answer) this.#answer = withRow(this.#answer, row);
    this.#draw();
    this.#again();
  }

  #drawNow() {
    const answer = this.#answer;
    const job = answer && this.#job ? jobIn(answer.pipeline, this.#job) : null;
    const note = this.#note(job === undefined);
    this.#put(one(this, ".pipe-state"), note);
    const old = one(this, ".pipe-old");
    old.hidden = !this.#problem || answer === null;
    old.textContent = old.hidden ? "" : `${this.#problem?.message} What you see may be old.`;
    const isThere = answer !== null && job !== undefined;
    this.#put(one(this, ".detail-head"), isThere ? headFor(answer, job) : null);
    const columns = one(this, ".step-columns");
    columns.hidden = !isThere || job !== null || !answer.pipeline.steps;
    if (isThere && !columns.hidden) fillColumns(columns, this.#id, answer.pipeline.steps ?? []);
    if (isThere && job) this.#log.show(this.#id, job.id, job.log);
    else this.#log.hide();
  }

  /** @param {boolean} isJobMissing @returns {Markup | null} */
  #note(isJobMissing) {
    const all = html`<a class="button" href="${address({ page: "pipelines" })}">All pipelines</a>`;
    if (this.#answer === null && this.#problem?.status === 404) return state({ name: "pipeline-unknown", sign: "help", title: "There is no such pipeline", text: html`Nothing is known of <code>${this.#id}</code>. Its file may have been removed.`, more: all });
    if (this.#answer === null && this.#problem) return state({ name: "pipeline-failed", sign: "alert", isAlert: true, title: "The pipeline cannot be shown", text: this.#problem.message, more: html`<button type="button" class="button again">Try again</button>` });
    if (this.#answer === null) return connecting();
    if (!isJobMissing) return null;
    const more = html`<a class="button" href="${address({ page: "pipelines", item: this.#id })}">The whole pipeline</a>`;
    const text = this.#answer.pipeline.problem ? "The file of the pipeline cannot be read." : html`This pipeline has no job <code>${this.#job}</code>.`;
    return state({ name: "pipeline-job-unknown", sign: "help", title: "There is no such job", text, more });
  }

  /** @param {HTMLElement} place @param {Markup | null} markup */
  #put(place, markup) {
    place.hidden = markup === null;
    const text = markup?.text ?? "";
    if (this.#shown.get(place) === text) return;
    this.#shown.set(place, text);
    const focused = place.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
    render(place, markup ?? html``);
    if (focused) /** @type {HTMLElement | null} */ (place.querySelector(`a[href="${CSS.escape(focused)}"]`))?.focus();
  }
}

/** Make the elements known. */
export function register() {
  pipelineLog.register();
  define("pipeline-detail", PipelineDetail);
}

/**
 * @param {PipelineAnswer} answer
 * @param {import("./types.js").PipelineJob | null} job
 */
function headFor({ pipeline, links, stale_after_s }, job) {
  return job ? jobHead(pipeline, job, links, stale_after_s) : headOf(pipeline, links, stale_after_s);
}
