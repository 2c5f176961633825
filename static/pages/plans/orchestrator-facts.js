/** What is known of an orchestrator, as markup: status, mode, process, times, processor and memory, runs. */
import { UNKNOWN, bytes, dateTime, duration, moment, plural, sentenceCase } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { warning } from "../../ui/panel.js";
/** @import {Run} from "../../lib/types.js" */
/** @import {Orchestrator, OrchestratorDetails, Usage} from "./types.js" */

/** @type {Record<string, string>} */
const TEXTS = {
  crashed: "It is registered as running, and its process is gone.",
  starting: "Its program runs, and it has not registered itself yet.",
  ending: "It has ended, and what it has started still runs.",
};

/** Its status as sign and text. @param {Orchestrator} one */
export function lifeMark({ status, is_alive, is_stale }) {
  const sign = status === "crashed" ? "broken" : is_alive ? "play" : "stop";
  return html`<span class="life" data-status="${status}" data-alive="${is_alive}" data-testid="orchestrator-status" title="${TEXTS[status] ?? ""}">${icon(sign)}${sentenceCase(status)}</span>${is_stale ? warning("No heartbeat", "It runs, and has given no sign of life for long") : null}`;
}

/** @param {OrchestratorDetails} details */
export function orchestratorOf({ orchestrator: one, usage }) {
  const { id, plan, status, mode, pid, started_at, last_heartbeat, is_alive, why_not, worktree_path, log_file } = one;
  /** @type {[string, unknown][]} */
  const facts = [
    ["Mode", mode ? sentenceCase(mode) : UNKNOWN],
    ["Process", pid ?? UNKNOWN],
    ["Since", started_at ? html`${dateTime(started_at)}${is_alive ? html` <span class="faint">${timeAgo(started_at, { form: "span" })}</span>` : null}` : UNKNOWN],
    ["Heartbeat", timeAgo(last_heartbeat) ?? UNKNOWN],
    ...usageFacts(usage),
    ["Log", log_file ? html`<a href="${address({ page: "plans", item: plan, query: { tab: "log" } })}"><code>${log_file}</code></a>` : UNKNOWN],
    ["Works in", worktree_path ? html`<code>${worktree_path}</code>` : UNKNOWN],
  ];
  const refused = is_alive && why_not ? html`<p class="life-note">${icon("alert")}<span>${why_not}</span></p>` : null;
  return html`<header>${lifeMark(one)}<code class="life-id">${id}</code></header>${TEXTS[status] ? html`<p class="life-note">${icon("alert")}<span>${TEXTS[status]}</span></p>` : null}${refused}
    <dl class="life-facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** @param {Usage | null} usage @returns {[string, unknown][]} */
function usageFacts(usage) {
  if (!usage) return [["Processor", UNKNOWN], ["Memory", UNKNOWN]];
  return [
    ["Processor", html`<span data-testid="orchestrator-cpu">${usage.cpu_percent.toFixed(1)} %</span> <span class="faint">${duration(usage.cpu_s * 1000)} in all, ${plural(usage.processes, "process", "processes")}</span>`],
    ["Memory", html`<span data-testid="orchestrator-memory">${bytes(usage.memory_bytes)}</span>`],
  ];
}

/** The runs that were started from here, the latest first. @param {Run[]} runs */
export function runsTable(runs) {
  if (runs.length === 0) return html`<p class="nil">None was started from here.</p>`;
  return html`<div class="table-box" tabindex="0" role="region" aria-label="Runs that were started from here"><table class="plan-table"><thead><tr><th scope="col">Run</th><th scope="col">Started</th><th scope="col">Time</th><th scope="col">End</th><th scope="col">Process</th></tr></thead>
    <tbody>${[...runs].reverse().map(rowOf)}</tbody></table></div>`;
}

/** @param {Run} run */
function rowOf({ run_id: id, attempt, status, started_at: from, exit, pid }) {
  const length = exit ? duration(moment(exit.finished_at) - moment(from)) : timeAgo(from, { form: "span" });
  const end = exit ? `${sentenceCase(exit.reason ?? status)}${exit.code ? `, code ${exit.code}` : ""}` : sentenceCase(status);
  return html`<tr data-testid="orchestrator-run" title="${id}"><td>${attempt}</td><td>${dateTime(from)}</td><td>${length}</td><td>${end}</td><td>${pid ?? UNKNOWN}</td></tr>`;
}
