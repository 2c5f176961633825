/** One job: its head, and below that its log, or what else is known of it: `job-detail`. */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { render } from "../../lib/html.js";
import { effect } from "../../lib/signals.js";
import * as api from "./api.js";
import { act } from "./actions.js";
import { control, howToSwitchOn } from "./control.js";
import { TABS, frame } from "./job-frame.js";
import { headOf } from "./job-head.js";
import { put } from "../../ui/put.js";
import * as jobPart from "./job-part.js";
import * as logViewer from "./log/log-viewer.js";
/** @import {Job, Run} from "../../lib/types.js" */
/** @import {Jobs} from "../../stores/jobs.js" */

export class JobDetail extends HTMLElement {
  /** @type {Job | null} */
  #job = null;
  /** @type {Run[]} */
  #runs = [];
  /** @type {Record<string, string>} */
  #query = {};
  #tab = "log";

  connectedCallback() {
    if (this.firstChild) return;
    render(this, frame());
    this.addEventListener("tab-choose", ({ detail: { name } }) => emit(this, "query-change", { changes: { tab: name === "log" ? null : name } }));
    delegate(this, "click", "[data-action]", (_, /** @type {HTMLButtonElement} */ button) => this.#job && act(button, this.#job));
    delegate(this, "click", ".why-not", () => this.#explain());
    effect(() => {
      control.value;
      this.#paintHead();
    });
  }

  /**
   * Join it to what the service says of jobs.
   * @param {Jobs} jobs
   */
  setUp(jobs) {
    const isOwn = (/** @type {string | null} */ id, tab = this.#tab) => !this.hidden && id === this.#job?.id && tab === this.#tab;
    jobs.addEventListener("output", ({ detail }) => {
      if (isOwn(detail.job, "log")) this.#viewer.take(detail);
      else if (isOwn(detail.job, "agent")) this.#part.again();
    });
    jobs.addEventListener("run", ({ detail: { run } }) => isOwn(run.owner.replace(/^job:/, "")) && this.#takeRun(run));
    jobs.addEventListener("files", ({ detail }) => detail === this.#job?.project && isOwn(this.#job.id, "files") && this.#part.again());
    jobs.addEventListener("insight", ({ detail }) => isOwn(detail.job, "insights") && this.#part.again());
    jobs.addEventListener("fact", ({ detail: { fact } }) => fact.sources.some(({ job }) => isOwn(job, "knowledge")) && this.#part.again());
  }

  /**
   * Show a job as the address says.
   * @param {Job} job
   * @param {Record<string, string>} query
   */
  async show(job, query) {
    const isOther = job.id !== this.#job?.id || this.hidden;
    this.#job = job;
    this.#query = query;
    this.#tab = this.dataset.tab = TABS.find(({ name }) => name === query.tab)?.name ?? "log";
    this.hidden = false;
    this.#paintHead();
    /** @type {import("../../ui/tabs.js").TabBar} */ (one(this, "tab-bar")).selected = this.#tab;
    if (isOther) {
      this.#runs = [];
      emit(this, "log-watch", { job: job.id });
      await this.#loadRuns(job.id);
    }
    if (!this.hidden && this.#job.id === job.id) this.#showTab(this.#job);
  }

  /** It is hidden: follow nothing. */
  hide() {
    if (this.hidden) return;
    this.hidden = this.#part.hidden = true;
    this.#viewer.hide();
    emit(this, "log-watch", { job: null });
  }

  /** The connection is back: read what may be missing. */
  refresh() {
    if (this.hidden) return;
    this.#tab === "log" ? this.#viewer.refresh() : this.#part.again();
  }

  /** @returns {logViewer.LogViewer} */
  get #viewer() {
    return one(this, "log-viewer");
  }

  /** @returns {jobPart.JobPart} */
  get #part() {
    return one(this, "job-part");
  }

  /** @param {Job} job */
  #showTab(job) {
    const isLog = this.#tab === "log";
    this.#viewer.hidden = !isLog;
    if (isLog) {
      this.#part.hidden = true;
      this.#viewer.show(job, this.#runs, this.#query);
    } else {
      this.#viewer.hide();
      this.#part.show(job, this.#runs, this.#tab);
    }
  }

  /** @param {string} id */
  async #loadRuns(id) {
    const answer = await api.getJob(id).catch(() => null); // the log says what is wrong
    if (answer && this.#job?.id === id) this.#runs = answer.runs;
  }

  /** @param {Run} run */
  #takeRun(run) {
    const others = this.#runs.filter(({ run_id: id }) => id !== run.run_id);
    this.#runs = [...others, run].sort((a, b) => a.attempt - b.attempt);
    if (this.#job) this.#showTab(this.#job);
    if (run.exit && this.#tab === "log") this.#viewer.refresh();
  }

  #paintHead() {
    if (!this.#job) return;
    put(one(this, ".job-head"), headOf(this.#job, control.peek()));
  }

  #explain() {
    const place = one(this, ".job-explain");
    place.hidden = !place.hidden;
    if (!place.firstChild) render(place, howToSwitchOn());
  }
}

/** Make the elements known. */
export function register() {
  logViewer.register();
  jobPart.register();
  define("job-detail", JobDetail);
}
