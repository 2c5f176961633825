/** The runs of a job: when, with what command, how each ended; two of them can be compared. */
import { UNKNOWN, bytes, dateTime, duration, moment, plural } from "../../lib/format.js";
import { flag, html } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { state } from "../../ui/state.js";
import { exitText } from "./statuses.js";
/** @import {Job, Run} from "../../lib/types.js" */

/**
 * @param {Job} job
 * @param {Run[]} runs
 */
export function runsOf(job, runs) {
  if (runs.length === 0) return state({ name: "no-runs", isPart: true, sign: "clock", title: "No run yet", text: job.queue_reason ?? "It has not been started." });
  const latest = [...runs].reverse();
  return html`<form class="runs">
    ${runs.length > 1 ? html`<p class="runs-compare"><button type="submit" class="button compare" data-testid="compare">Compare two</button><span class="hint">${plural(runs.length, "run")}; choose two of them.</span></p>` : null}
    <ol>${latest.map((run, index) => runOf(job, run, runs.length > 1, index < 2))}</ol>
  </form>`;
}

/**
 * @param {Job} job
 * @param {Run} run
 * @param {boolean} isOffered
 * @param {boolean} isChosen
 */
function runOf(job, { run_id: id, attempt, status, started_at: from, exit, argv, cwd, log_bytes: size, profile, pid }, isOffered, isChosen) {
  const length = exit ? duration(moment(exit.finished_at) - moment(from)) : timeAgo(from, { form: "span" });
  const end = exit ? (exitText({ exit_code: exit.code, exit_signal: exit.signal, exit_reason: exit.reason }) ?? exit.reason) : status;
  return html`<li class="run panel" data-testid="run" data-run="${id}">
    <header>${isOffered ? html`<input type="checkbox" name="run" value="${id}" aria-label="Compare run ${attempt}" ${flag(isChosen, "checked")} />` : null}
      <strong>Run ${attempt}</strong><span class="run-end" data-status="${status}" data-ok="${exit ? String(exit.code === 0) : ""}">${end}</span>
      <a class="run-log" href="${address({ page: "jobs", item: job.id, query: { run: id } })}">Log, ${bytes(size)}</a></header>
    ${exit?.message ? html`<p class="job-note is-bad">${exit.message}</p>` : null}
    <dl class="run-facts"><div><dt>Started</dt><dd>${dateTime(from)}</dd></div><div><dt>Time</dt><dd>${length}</dd></div><div><dt>Profile</dt><dd>${profile}</dd></div><div><dt>Process</dt><dd>${exit ? UNKNOWN : (pid ?? UNKNOWN)}</dd></div>
      <div class="is-wide"><dt>Folder</dt><dd><code>${cwd}</code></dd></div><div class="is-wide"><dt>Command</dt><dd><ol class="argv">${argv.map((argument) => html`<li><code>${argument}</code></li>`)}</ol></dd></div></dl>
  </li>`;
}
