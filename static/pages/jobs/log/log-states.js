/** What is shown in place of lines where there are none. */
import { html } from "../../../lib/html.js";
import { state } from "../../../ui/state.js";
import { isOver } from "../statuses.js";
/** @import {Job, Markup} from "../../../lib/types.js" */
/** @import {LogModel} from "./log-model.js" */

/**
 * Null if there are lines to show.
 * @param {Job} job
 * @param {LogModel | null} model
 * @returns {{name: string, markup: Markup} | null}
 */
export function stateOf(job, model) {
  if (job.runs.length === 0) {
    const text = job.status === "pending" ? (job.queue_reason ?? "It has not started yet.") : "It was never started, so it printed nothing.";
    return { name: `none ${text}`, markup: state({ name: "log-none", sign: "clock", isPart: true, title: "No log yet", text }) };
  }
  if (!model?.head) return model?.error ? null : { name: "waiting", markup: state({ isWaiting: true, text: "Reading the log…" }) };
  if (model.rows > 0) return null;
  if (model.head.lines_total > 0) {
    const more = html`<button type="button" class="button clear-filters">Show everything</button>`;
    return { name: "filtered", markup: state({ name: "log-filtered", sign: "filter", isPart: true, title: "No line passes the filters", text: "The log has lines that are not shown.", more }) };
  }
  if (isOver(job)) return { name: "silent", markup: state({ name: "log-empty", sign: "text", isPart: true, title: "It printed nothing" }) };
  const text = "Nothing was printed so far. A program that buffers its output says nothing until the buffer is full: the profile option pty helps.";
  return { name: "silent yet", markup: state({ name: "log-empty", sign: "text", isPart: true, title: "Waiting for the first line", text }) };
}
