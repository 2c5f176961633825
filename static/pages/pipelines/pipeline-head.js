/** The head of a pipeline: name, status, figures, and what it names elsewhere. */
import { UNKNOWN, dateTime, money, plural } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { copyable } from "../../ui/copy-button.js";
import { nameOf, placeOf, statusMark, typeOf } from "./statuses.js";
import { runTime, staleMark } from "./ticking.js";
/** @import {PipelineLinks, PipelineTree} from "./types.js" */

/**
 * @param {PipelineTree} pipeline
 * @param {PipelineLinks} links
 * @param {number} stale_after_s
 */
export function headOf(pipeline, links, stale_after_s) {
  const { id, problem, path } = pipeline;
  return html`<div class="pipe-top">
      <a class="button icon-button back" href="${address({ page: "pipelines" })}" aria-label="All pipelines" title="All pipelines (u)">${icon("back")}</a>
      <div class="pipe-title"><h2 dir="auto">${nameOf(pipeline)}</h2>${statusMark(pipeline.status)}${staleMark(pipeline, stale_after_s)}${typeOf(pipeline) ? html`<span class="tag">${typeOf(pipeline)}</span>` : null}</div>
    </div>
    ${problem ? html`<p class="pipe-note is-bad" data-testid="pipeline-problem">${icon("broken")}<span><code>${path}</code> ${placeOf(problem)}: ${problem.message}<br />It is shown again when the file can be read.</span></p>` : null}
    <dl class="pipe-figures">${figuresOf(pipeline).map(({ name, label, value }) => html`<div data-figure="${name}"><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
    <ul class="pipe-links" aria-label="Links" data-testid="pipeline-links">${linksOf(pipeline, links)}<li><span class="faint">ID</span>${copyable("pipeline-id", id)}</li></ul>`;
}

/** @param {PipelineTree} pipeline */
function figuresOf(pipeline) {
  const at = (/** @type {string | null} */ time) => (time ? html`<time datetime="${time}">${dateTime(time)}</time>` : UNKNOWN);
  return [
    { name: "time", label: "Duration", value: runTime(pipeline) ?? UNKNOWN },
    { name: "created", label: "Created", value: at(pipeline.created_at) },
    { name: "started", label: "Started", value: at(pipeline.started_at) },
    { name: "finished", label: "Finished", value: at(pipeline.finished_at) },
    { name: "active", label: "Last sign of life", value: timeAgo(pipeline.active_at) },
    { name: "by", label: "Triggered by", value: pipeline.triggered_by ? html`<bdi>${pipeline.triggered_by}</bdi>` : UNKNOWN },
  ];
}

/**
 * The links; what leads nowhere is shown as a text.
 * @param {PipelineTree} pipeline
 * @param {PipelineLinks} links
 */
function linksOf({ ticket_id, sprint_id, project, branch }, links) {
  const { task, branch: checked, project: files, sessions, costs } = links;
  return [
    task ? html`<li>${icon("check")}<a class="task-link" href="${address({ task: task.id })}" data-opens="${task.id}" data-testid="link-task"><bdi>${task.title || task.id}</bdi></a></li>` : null,
    !task && ticket_id ? html`<li class="faint" title="No task on the board has this id">${icon("check")}<bdi>${ticket_id}</bdi></li>` : null,
    sprint_id ? html`<li>${icon("group")}<span>Sprint <bdi>${sprint_id}</bdi></span></li>` : null,
    branch ? html`<li data-testid="link-branch">${icon("code")}<bdi>${branch}</bdi>${checked?.worktree ? html`<span class="faint" aria-hidden="true">→</span>${copyable("worktree", checked.worktree)}` : null}</li>` : null,
    files ? html`<li>${icon("folder")}<a href="${address({ page: "artifacts", item: files.name })}" data-testid="link-artifacts"><bdi>${files.name}</bdi></a></li>` : null,
    !files && project ? html`<li class="faint" title="The generated files have no such project">${icon("folder")}<bdi>${project}</bdi></li>` : null,
    ...(sessions ?? []).map((session) => costsLink(session, costs)),
    sum(sessions, costs),
  ];
}

/**
 * To the calls of a session, with what they cost so far; nothing is said where that is not known.
 * @param {string} session
 * @param {PipelineLinks["costs"]} costs
 */
export function costsLink(session, costs) {
  const found = costs && Object.hasOwn(costs, session) ? costs[session] : null;
  const spent = found ? html` <span class="faint" data-testid="session-cost">${amount(found)}</span>` : costs ? html` <span class="faint" data-testid="session-cost">no calls yet</span>` : null;
  return html`<li>${icon("activity")}<a href="${address({ page: "costs", query: { range: "all", session, show: "calls" } })}" data-testid="link-costs">Costs of <bdi>${session}</bdi></a>${spent}</li>`;
}

/** What all sessions of it cost, if there are several. @param {PipelineLinks["sessions"]} sessions @param {PipelineLinks["costs"]} costs */
function sum(sessions, costs) {
  const known = Object.values(costs ?? {});
  if (!sessions || sessions.length < 2 || known.length === 0) return null;
  const priced = known.filter(({ cost_usd }) => cost_usd !== null);
  const all = { calls: 0, unpriced_calls: 0, cost_usd: priced.length ? priced.reduce((total, { cost_usd }) => total + (cost_usd ?? 0), 0) : null };
  for (const { calls, unpriced_calls } of known) Object.assign(all, { calls: all.calls + calls, unpriced_calls: all.unpriced_calls + unpriced_calls });
  return html`<li data-testid="all-costs">${icon("group")}<span>All sessions: ${amount(all)}</span></li>`;
}

/** @param {import("./types.js").SessionCost} cost */
function amount({ calls, cost_usd, unpriced_calls }) {
  return `${money(cost_usd)}, ${plural(calls, "call")}${unpriced_calls > 0 ? `, ${unpriced_calls} without a price` : ""}`;
}
