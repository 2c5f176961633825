/** The page of jobs: all of them, one of them, or two runs side by side. */
import { define, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { lazily, returns } from "../../lib/lazy.js";
import { effect, oncePerFrame } from "../../lib/signals.js";
import { connecting, refusal, say, state } from "../../ui/state.js";
import { listenForCopy } from "../../ui/copy-button.js";
import { loadControl } from "./control.js";
import * as jobDetail from "./job-detail.js";
import * as jobsOverview from "./jobs-overview.js";
/** @import {Dashboard, Markup, Route} from "../../lib/types.js" */
/** @import {Jobs} from "../../stores/jobs.js" */

export const tag = "jobs-page";

const loadDialog = lazily(() => import("./start-dialog.js"), import.meta.resolve("./start-dialog.js"));
const loadCompare = lazily(() => import("./compare-view.js"), import.meta.resolve("./compare-view.js"));

export class JobsPage extends HTMLElement {
  /** @type {Jobs} */
  #jobs = /** @type {any} */ (null); // from `setUp` on
  /** @type {Pick<Route, "item" | "query">} */
  #route = { item: null, query: {} };
  #isShown = false;
  #draw = oncePerFrame(() => this.#isShown && this.#drawNow());

  /** Join it to the stores. @param {Dashboard} dashboard */
  setUp({ stores }) {
    this.#jobs = stores.get("jobs");
    render(this, frame());
    listenForCopy(this);
    this.#detail.setUp(this.#jobs);
    effect(() => {
      this.#jobs.revision.value;
      this.#draw();
    });
    effect(() => {
      returns.value;
      if (this.#isShown) this.#detail.refresh();
    });
    this.addEventListener("click", ({ target }) => target instanceof Element && target.closest(".start-job") && this.#start());
  }

  /** @param {Route} route */
  show({ item, query }) {
    if (!this.#isShown) loadControl();
    this.#route = { item, query };
    this.#isShown = true;
    this.#drawNow();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#isShown = false;
    this.#detail.hide();
  }

  /** @returns {jobDetail.JobDetail} */
  get #detail() {
    return one(this, "job-detail");
  }

  #drawNow() {
    const { item, query } = this.#route;
    const job = item === null ? undefined : this.#jobs.jobs.get(item);
    const isCompared = Boolean(query.left && query.right);
    say(one(this, ".jobs-state"), this.#state());
    const isThere = one(this, ".jobs-state").hidden;
    const overview = /** @type {jobsOverview.JobsOverview} */ (one(this, "jobs-overview"));
    overview.hidden = !isThere || item !== null;
    if (!overview.hidden) overview.show(this.#jobs, query);
    one(this, "compare-view").hidden = !isThere || !isCompared;
    if (isThere && isCompared) this.#compare(query, item ?? "");
    if (isThere && job && !isCompared) this.#detail.show(job, query);
    else this.#detail.hide();
  }

  /** @returns {Markup | null} */
  #state() {
    const { isAsked, isKnown, jobs, unfilled } = this.#jobs;
    const { item } = this.#route;
    if (!isAsked) return unfilled ? refusal("jobs-failed", "The jobs cannot be shown", unfilled) : connecting();
    if (!isKnown) return state({ name: "jobs-unavailable", sign: "stop", title: "No jobs here", text: "This service has no jobs." });
    if (item === null || jobs.has(item)) return null;
    const more = html`<a class="button" href="#/jobs">All jobs</a>`;
    return state({ name: "job-unknown", sign: "help", title: "There is no such job", text: html`Nothing is known of <code>${item}</code>. Its file may have been removed.`, more });
  }

  async #start() {
    const { register } = await loadDialog();
    register();
    const projects = [...new Set(this.#jobs.list().map(({ project }) => project))].sort();
    await /** @type {import("./start-dialog.js").StartDialog} */ (one(this, "start-dialog")).open(projects, this.#route.query.project);
  }

  /** @param {Record<string, string>} query @param {string} job */
  async #compare({ left, right }, job) {
    const { register } = await loadCompare();
    register();
    /** @type {import("./compare-view.js").CompareView} */ (one(this, "compare-view")).show(left, right, job);
  }
}

/** Make the elements of the page known. */
export function register() {
  for (const part of [jobsOverview, jobDetail]) part.register();
  define(tag, JobsPage);
}

function frame() {
  return html`<div class="jobs-state" hidden></div><jobs-overview hidden></jobs-overview><host-lists data-lists="jobs"></host-lists><job-detail hidden></job-detail><compare-view hidden></compare-view><start-dialog></start-dialog>`;
}
