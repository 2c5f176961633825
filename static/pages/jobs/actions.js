/** Stopping and retrying a job: the buttons, and what becomes of pressing them. */
import { emit } from "../../lib/dom.js";
import { flag, html, icon } from "../../lib/html.js";
import { retryJob, stopJob } from "./api.js";
import { reasonOf } from "./control.js";
import { goesOn } from "./statuses.js";
/** @import {Job} from "../../lib/types.js" */
/** @import {Control} from "./control.js" */

/**
 * The buttons that a job has now; those that cannot be pressed say why.
 * @param {Job} job
 * @param {Control} control
 */
export function actionButtons(job, control) {
  const reason = reasonOf(control);
  const [name, label, sign] = goesOn(job) ? ["stop", job.status === "pending" ? "Cancel" : "Stop", "stop"] : ["retry", "Retry", "play"];
  return html`<button type="button" class="button ${name}" data-action="${name}" data-testid="job-${name}" ${flag(reason, "disabled")} title="${reason ?? ""}">${icon(sign)}${label}</button>
    ${reason && control.isOn === false ? html`<button type="button" class="link why-not" data-testid="why-not">Why not?</button>` : null}`;
}

/**
 * Do what a button says; the events of the service show what becomes of it.
 * @param {HTMLButtonElement} button
 * @param {Job} job
 */
export async function act(button, job) {
  const isStop = button.dataset.action === "stop";
  button.disabled = true;
  try {
    await (isStop ? stopJob(job.id) : retryJob(job.id));
  } catch (error) {
    emit(button, "toast", { tone: "bad", title: `${job.id} could not be ${isStop ? "stopped" : "retried"}`, text: /** @type {Error} */ (error).message, key: `job-${job.id}` });
  } finally {
    button.disabled = false;
  }
}
