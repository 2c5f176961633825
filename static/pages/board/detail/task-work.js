/** What was done for a task: its last calls, the runs that made them, and the pipelines of its ticket. Asked for when it is shown. */
import { define } from "../../../lib/dom.js";
import { count, plural, sentenceCase, tokens } from "../../../lib/format.js";
import { html, render } from "../../../lib/html.js";
import { address } from "../../../lib/router.js";
import { getJson, oneValue } from "../../../live/http.js";
import { timeAgo } from "../../../ui/age.js";
import { costText } from "../../../ui/cost-text.js";
import { section } from "./overview.js";
/** @import {Call, Markup, Pipeline, Run} from "../../../lib/types.js" */
/** @import {Costs} from "../../../stores/costs.js" */
/** @import {Query} from "../../../live/http.js" */
/** @typedef {{calls: Call[], isMore: boolean, runs: Run[], pipelines: Pipeline[], problems: string[]}} Work */

const ASKED = 200;
const SHOWN = 8;
const MOST_JOBS = 5;

export class TaskWork extends HTMLElement {
  /** @type {Costs | null} */
  #costs = null;
  #asked = 0;
  #changed = (/** @type {Event} */ event) => {
    const { detail: ids } = /** @type {CustomEvent<Set<string> | null>} */ (event);
    if (ids === null || ids.has(this.#task)) this.#load();
  };

  /** @param {Costs} costs */
  set costs(costs) {
    this.#costs = costs;
    costs.addEventListener("tasks", this.#changed);
    this.#load();
  }

  disconnectedCallback() {
    this.#costs?.removeEventListener("tasks", this.#changed);
  }

  get #task() {
    return this.dataset.task ?? "";
  }

  async #load() {
    const asked = (this.#asked += 1);
    const work = await workOf(this.#task, this.#costs?.state !== "off");
    if (!this.isConnected || asked !== this.#asked) return;
    render(this, markup(this.#task, work));
  }
}

/** Make the element known. */
export function register() {
  define("task-work", TaskWork);
}

/**
 * @param {string} task
 * @param {boolean} hasCalls
 * @returns {Promise<Work>}
 */
async function workOf(task, hasCalls) {
  /** @type {string[]} */
  const problems = [];
  const asked = async (/** @type {string} */ path, /** @type {Query} */ query, /** @type {any} */ otherwise) => {
    try {
      return await getJson(path, query);
    } catch (error) {
      problems.push(/** @type {Error} */ (error).message);
      return otherwise;
    }
  };
  const [{ calls, cursor }, { pipelines }] = await Promise.all([
    hasCalls ? asked("/api/telemetry/calls", { task: oneValue(task), limit: ASKED }, { calls: [], cursor: null }) : { calls: [], cursor: null },
    asked("/api/pipelines", { ticket: oneValue(task) }, { pipelines: [] }),
  ]);
  const jobs = new Set([task, .../** @type {Call[]} */ (calls).map(({ job_id }) => job_id)]);
  const owners = [...jobs].filter(Boolean).slice(0, MOST_JOBS);
  const lists = await Promise.all(owners.map((job) => asked("/api/runs", { owner: `job:${job}` }, { runs: [] })));
  return { calls, isMore: cursor !== null, pipelines, runs: lists.flatMap(({ runs }) => runs), problems: [...new Set(problems)] };
}

/**
 * @param {string} task
 * @param {Work} work
 */
function markup(task, { calls, isMore, runs, pipelines, problems }) {
  const all = address({ page: "costs", query: { range: "all", task, show: "calls" } });
  const size = isMore ? `More than ${plural(calls.length, "call")}` : `All ${plural(calls.length, "call")}`;
  return html`${problems.map((text) => html`<p class="panel-problem">${text}</p>`)}
    ${list("Calls", calls.slice(0, SHOWN).map(callRow), "calls", calls.length > 0 ? html`<a href="${all}" data-testid="all-calls">${calls.length > 1 ? size : "On the page of costs"}</a>` : null, "No call names this task.")}
    ${list("Runs", runs.slice(0, SHOWN).map(runRow), "runs", null, "No run is known that worked on it.")}
    ${list("Pipelines", pipelines.slice(0, SHOWN).map(pipelineRow), "pipelines", null, "No pipeline has this task as its ticket.")}`;
}

/**
 * @param {string} title
 * @param {Markup[]} rows
 * @param {string} name
 * @param {Markup | null} more
 * @param {string} none
 */
function list(title, rows, name, more, none) {
  return section(title, html`${rows.length > 0 ? html`<ul class="work-rows" data-testid="work-${name}">${rows}</ul>` : html`<p class="nil">${none}</p>`}${more}`);
}

/** @param {Call} call */
function callRow({ timestamp, model_name, agent_name, prompt_tokens, completion_tokens, cost_usd, status }) {
  const cost = costText({ cost_usd: cost_usd ?? null, calls: 1, unpriced: cost_usd === null || cost_usd === undefined ? 1 : 0 });
  return html`<li><span class="work-name" dir="auto">${model_name}</span>${agent_name ? html`<span class="hint">${agent_name}</span>` : null}${status && status !== "success" ? html`<span class="chip warning">${status}</span>` : null}
    <span class="work-end"><span class="hint">${tokens(prompt_tokens)} in · ${tokens(completion_tokens)} out</span><span title="${cost.label}">${cost.text}</span>${timeAgo(timestamp, { form: "short" })}</span></li>`;
}

/** @param {Run} run */
function runRow({ run_id, owner, profile, status, started_at, exit }) {
  const job = owner.replace(/^job:/, "");
  const end = status === "finished" && exit ? (exit.code === null ? `signal ${exit.signal}` : `exit ${exit.code}`) : status;
  return html`<li><a class="work-name" href="${address({ page: "jobs", item: job })}" title="${run_id}" dir="auto">${job}</a><span class="hint">${profile}</span><span class="work-end"><span>${end}</span>${timeAgo(started_at, { form: "short" })}</span></li>`;
}

/** @param {Pipeline} pipeline */
function pipelineRow({ id, pipeline_type, status, jobs, active_at }) {
  return html`<li><a class="work-name" href="${address({ page: "pipelines", item: id })}" dir="auto">${pipeline_type ?? id}</a><span class="hint">${plural(jobs, "job")}</span><span class="work-end"><span>${sentenceCase(status)}</span>${timeAgo(active_at, { form: "short" })}</span></li>`;
}
