/** The head of a job of a pipeline: times, attempt, score, summary. */
import { UNKNOWN, dateTime, sentenceCase } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { agentMark } from "../../ui/agent-mark.js";
import { copyable } from "../../ui/copy-button.js";
import { costsLink } from "./pipeline-head.js";
import { nameOf, statusMark } from "./statuses.js";
import { scoreMark } from "./step-columns.js";
import { runTime, staleMark } from "./ticking.js";
/** @import {PipelineJob, PipelineLinks, PipelineTree} from "./types.js" */

/**
 * @param {PipelineTree} pipeline
 * @param {PipelineJob} job
 * @param {PipelineLinks} links
 * @param {number} stale_after_s
 */
export function jobHead(pipeline, job, { costs }, stale_after_s) {
  const up = address({ page: "pipelines", item: pipeline.id });
  return html`<div class="pipe-top">
      <a class="button icon-button back" href="${up}" aria-label="The whole pipeline" title="The whole pipeline (u)">${icon("back")}</a>
      <div class="pipe-title"><p class="pipe-crumbs"><a href="${up}"><bdi>${nameOf(pipeline)}</bdi></a> <span aria-hidden="true">›</span> ${sentenceCase(job.step)}</p>
        <h2 dir="auto">${job.name}</h2>${statusMark(job.status)}${job.status === "running" ? staleMark(pipeline, stale_after_s) : null}${scoreMark(job.score)}</div>
    </div>
    <dl class="pipe-figures">${figuresOf(job).map(({ name, label, value }) => html`<div data-figure="${name}"><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
    ${job.description ? html`<section class="job-text"><h3>What it is about</h3><p dir="auto">${job.description}</p></section>` : null}
    ${job.summary ? html`<section class="job-text" data-testid="job-summary"><h3>Summary</h3><p dir="auto">${job.summary}</p></section>` : null}
    <ul class="pipe-links" aria-label="Links">${job.session_id ? costsLink(job.session_id, costs) : null}${job.log_path ? html`<li>${icon("text")}${copyable("log-path", job.log_path)}</li>` : null}</ul>`;
}

/** @param {PipelineJob} job */
function figuresOf(job) {
  const at = (/** @type {string | null} */ time) => (time ? html`<time datetime="${time}">${dateTime(time)}</time>` : UNKNOWN);
  return [
    { name: "time", label: "Duration", value: runTime(job) ?? UNKNOWN },
    { name: "score", label: "Score", value: job.score === null ? UNKNOWN : `${job.score} of 100` },
    { name: "attempt", label: "Attempt", value: job.attempt },
    { name: "created", label: "Created", value: at(job.created_at) },
    { name: "started", label: "Started", value: at(job.started_at) },
    { name: "finished", label: "Finished", value: at(job.finished_at) },
    { name: "agent", label: "Agent", value: job.agent_type ? agentMark(job.agent_type) : UNKNOWN },
  ];
}
