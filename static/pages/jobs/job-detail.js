/** One job: its head, and below that its log, runs, insights, knowledge, files, or what doctor says of it: `job-detail`. */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { atMostEvery, effect } from "../../lib/signals.js";
import { state } from "../../ui/state.js";
import { tabBar } from "../../ui/tabs.js";
import * as api from "./api.js";
import { act } from "./actions.js";
import { control, howToSwitchOn } from "./control.js";
import { headOf } from "./job-head.js";
import { TABS, partOf } from "./job-parts.js";
import * as logViewer from "./log/log-viewer.js";
/** @import {Job, Run} from "../../lib/types.js" */
/** @import {Jobs} from "../../stores/jobs.js" */

const PART_MS = 1_000;

export class JobDetail extends HTMLElement {
  /** @type {Job | null} */
  #job = null;
  /** @type {Run[]} */
  #runs = [];
  /** @type {Record<string, string>} */
  #query = {};
  #tab = "log";
  #head = "";
  #shown = "";
  #shownTab = "";
  #part = atMostEvery(PART_MS, () => this.#showPart());

  connectedCallback() {
    if (this.firstChild) return;
    render(this, frame());
    this.addEventListener("tab-choose", ({ detail: { name } }) => emit(this, "query-change", { changes: { tab: name === "log" ? null : name } }));
    delegate(this, "click", "[data-action]", (_, /** @type {HTMLButtonElement} */ button) => this.#job && act(button, this.#job));
    delegate(this, "click", ".why-not", () => this.#explain());
    delegate(this, "click", "[data-answer]", (_, /** @type {HTMLButtonElement} */ button) => this.#answer(button));
    delegate(this, "click", ".again-stages", () => this.#showPart());
    this.addEventListener("submit", (event) => this.#compare(event));
    effect(() => {
      control.value;
      if (this.#job) this.#paintHead();
    });
  }

  /**
   * Join it to what the service says of jobs.
   * @param {Jobs} jobs
   */
  setUp(jobs) {
    const isOwn = (/** @type {string | null} */ id) => !this.hidden && id !== null && id === this.#job?.id;
    jobs.addEventListener("output", ({ detail }) => isOwn(detail.job) && this.#tab === "log" && this.#viewer.take(detail));
    jobs.addEventListener("run", ({ detail: { run } }) => isOwn(run.owner.slice(4)) && this.#takeRun(run));
    jobs.addEventListener("insight", ({ detail }) => isOwn(detail.job) && this.#tab === "insights" && this.#part());
    jobs.addEventListener("fact", ({ detail }) => !this.hidden && detail.fact.sources.some(({ job }) => isOwn(job)) && this.#tab === "knowledge" && this.#part());
  }

  /** @param {Job} job @param {Record<string, string>} query */
  async show(job, query) {
    const isOther = job.id !== this.#job?.id || this.hidden;
    const [tab, was] = [TABS.some(({ name }) => name === query.tab) ? query.tab : "log", this.#tab];
    this.#job = job;
    this.#query = query;
    this.#tab = tab;
    this.hidden = false;
    this.#paintHead();
    /** @type {import("../../ui/tabs.js").TabBar} */ (one(this, "tab-bar")).selected = tab;
    if (isOther) {
      this.#runs = [];
      emit(this, "log-watch", { job: job.id });
      await this.#loadRuns();
      if (this.#job !== job && this.#job?.id !== job.id) return;
    }
    this.#viewer.hidden = this.#tab !== "log";
    one(this, ".job-part").hidden = this.#tab === "log";
    if (this.#tab === "log") this.#viewer.show(this.#job, this.#runs, this.#query);
    else {
      this.#viewer.hide();
      if (isOther || tab !== was) this.#showPart();
      else if (tab === "runs" || tab === "files") this.#part();
    }
  }

  /** It is hidden: follow nothing. */
  hide() {
    if (this.hidden) return;
    this.hidden = true;
    this.#viewer.hide();
    emit(this, "log-watch", { job: null });
  }

  /** The connection is back: read what may be missing. */
  refresh() {
    if (this.hidden || !this.#job) return;
    if (this.#tab === "log") this.#viewer.refresh();
    else this.#showPart();
  }

  focusSearch() {
    if (this.#tab === "log") this.#viewer.focusSearch();
  }

  /** @returns {logViewer.LogViewer} */
  get #viewer() {
    return one(this, "log-viewer");
  }

  async #loadRuns() {
    const id = this.#job?.id ?? "";
    const answer = await api.getJob(id).catch(() => null);
    if (answer && this.#job?.id === id) this.#runs = answer.runs;
  }

  /** @param {Run} run */
  #takeRun(run) {
    const others = this.#runs.filter(({ run_id: id }) => id !== run.run_id);
    this.#runs = [...others, run].sort((a, b) => a.attempt - b.attempt);
    if (this.#job) this.show(this.#job, this.#query);
    if (run.exit && this.#tab === "log") this.#viewer.refresh();
  }

  async #showPart() {
    const [tab, job, place] = [this.#tab, this.#job, one(this, ".job-part")];
    if (!job || tab === "log") return;
    if (this.#shownTab !== `${job.id} ${tab}`) {
      this.#shown = "";
      render(place, state({ isWaiting: true, text: "Loading…" }));
    }
    this.#shownTab = `${job.id} ${tab}`;
    try {
      const markup = await partOf(tab, job, this.#runs);
      const isSame = this.#shown === `${job.id} ${markup.text}`;
      if (isSame || this.#tab !== tab || this.#job?.id !== job.id) return; // what has the focus keeps it
      this.#shown = `${job.id} ${markup.text}`;
      render(place, markup);
    } catch (error) {
      if (this.#tab === tab) render(place, state({ name: "part-failed", sign: "alert", isAlert: true, isPart: true, title: "It cannot be shown", text: /** @type {Error} */ (error).message }));
    }
  }

  #paintHead() {
    if (!this.#job) return;
    const markup = headOf(this.#job, control.peek());
    if (markup.text === this.#head) return;
    const place = one(this, ".job-head");
    const isOpen = place.querySelector("details")?.open ?? false;
    this.#head = markup.text;
    render(place, markup);
    place.querySelector("details")?.toggleAttribute("open", isOpen);
  }

  #explain() {
    const place = one(this, ".job-explain");
    place.hidden = !place.hidden;
    if (!place.firstChild) render(place, howToSwitchOn());
  }

  /** @param {HTMLButtonElement} button */
  async #answer(button) {
    button.disabled = true;
    try {
      await api.answerFact(button.dataset.fact ?? "", button.dataset.answer === "accept" ? "accept" : "decline", button.dataset.digest ?? "");
    } catch (error) {
      emit(this, "toast", { tone: "bad", title: "The answer was not taken", text: /** @type {Error} */ (error).message });
    }
    button.disabled = false;
    this.#showPart();
  }

  /** @param {SubmitEvent} event */
  #compare(event) {
    if (!(event.target instanceof HTMLFormElement) || !event.target.matches(".runs")) return;
    event.preventDefault();
    const chosen = new FormData(event.target).getAll("run").map(String);
    if (chosen.length !== 2) return emit(this, "toast", { tone: "warn", title: "Choose two runs", text: `You have chosen ${chosen.length}.`, key: "compare" });
    emit(this, "page-open", { page: "jobs", item: this.#job?.id, query: { left: chosen[1], right: chosen[0] } });
  }
}

/** Make the elements known. */
export function register() {
  logViewer.register();
  define("job-detail", JobDetail);
}

function frame() {
  return html`<header class="job-head"></header><div class="job-explain" hidden></div>
    ${tabBar({ label: "Of this job", tabs: TABS, prefix: "job-tab", panel: "job-panel", selected: "log" })}
    <div id="job-panel" class="job-panel" role="tabpanel"><log-viewer></log-viewer><div class="job-part" hidden></div></div>`;
}
