/** The head of a job: name, status, actions, phases, figures, what wants attention. */
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { actionButtons } from "./actions.js";
import { figuresOf, notesOf, statusMark, titleOf, todosOf } from "./job-facts.js";
import { phaseStrip } from "./phase-strip.js";
/** @import {Job} from "../../lib/types.js" */
/** @import {Control} from "./control.js" */

/**
 * @param {Job} job
 * @param {Control} control
 */
export function headOf(job, control) {
  return html`<div class="job-top">
      <a class="button icon-button back" href="${address({ page: "jobs" })}" aria-label="All jobs" title="All jobs">${icon("back")}</a>
      <div class="job-title"><h2 dir="auto">${titleOf(job)}</h2>${statusMark(job)}
        <p class="job-project">${icon("folder")}<a href="${address({ page: "artifacts", item: job.project })}"><bdi>${job.project}</bdi></a>${job.profile ? html`<span class="tag">${job.profile}</span>` : null}${job.user ? html`<span class="tag">${icon("user")}${job.user}</span>` : null}<code>${job.id}</code></p></div>
      <div class="job-actions">${actionButtons(job, control)}</div>
    </div>
    ${notesOf(job)}
    <div class="job-line">
      ${phaseStrip(job)}
      <dl class="job-figures">${figuresOf(job).map(({ name, label, value, title, href }) => html`<div data-figure="${name}" title="${title}"><dt>${label}</dt><dd><a class="figure-link" href="${href}">${value}</a></dd></div>`)}</dl>
    </div>
    <div class="job-more"><details class="job-spec-whole"><summary>Specification</summary><pre dir="auto">${job.specification}</pre></details>${todosOf(job)}</div>`;
}
