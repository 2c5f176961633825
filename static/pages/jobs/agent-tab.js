/** What the agent of a job reports of its work in its own events: turns, to-dos, commands, files, limits, its last word. */
import { count, plural } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { state } from "../../ui/state.js";
import { todoList } from "../../ui/todos.js";
import { limitText } from "./job-facts.js";
/** @import {Job} from "../../lib/types.js" */
/** @import {AgentWork} from "./types.js" */

const AGENTS = /** @type {Record<string, string>} */ ({ "claude-code": "Claude Code", codex: "Codex" });
const KINDS = /** @type {Record<string, string>} */ ({ add: "new", update: "changed", delete: "deleted" });

/**
 * @param {Job} job
 * @param {AgentWork | null} work
 */
export function agentOf(job, work) {
  if (work === null) {
    return state({
      name: "no-agent",
      isPart: true,
      sign: "eye",
      title: "No agent reports here",
      text: "Claude Code (--output-format stream-json --verbose) and Codex (exec --json) say in events what they do; this program has not.",
    });
  }
  const { passed = 0, failed = 0, "no exit code": open = 0 } = work.commands_counted;
  const limit = limitText(job.rate_limit);
  const facts = [
    { name: "agent", label: "Agent", value: AGENTS[work.agent] ?? work.agent },
    { name: "model", label: "Model", value: work.model },
    { name: "turns", label: "Turns", value: count(work.turns) },
    { name: "commands", label: "Commands", value: `${count(passed)} passed, ${count(failed)} failed${open ? `, ${count(open)} without an exit code` : ""}` },
    { name: "limit", label: "Rate limit", value: limit ?? "none reported" },
    { name: "denied", label: "Not permitted", value: work.result?.denied.length ? work.result.denied.join(", ") : null },
  ].filter(({ value }) => value !== null);
  return html`<div class="agent-work">
    <dl class="run-facts">${facts.map(({ name, label, value }) => html`<div data-fact="${name}"><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
    ${work.result ? html`<p class="agent-word job-note ${work.result.is_error ? "is-bad" : ""}" data-testid="agent-result">${icon(work.result.is_error ? "alert" : "check")}<span dir="auto">${work.result.text || (work.result.is_error ? "It failed." : "It is done.")}</span> ${toLine(job, work.result.line)}</p>` : null}
    ${work.todos.length ? html`<h3>To-dos <span class="count">${count(work.todos.filter(({ status }) => status === "completed").length)} of ${count(work.todos.length)}</span></h3>
      <div class="agent-todos">${todoList(work.todos, "agent-todos")}</div>` : null}
    ${work.commands.length ? html`<h3>Commands <span class="count">the last first</span></h3>
      <ul class="agent-list" data-testid="agent-commands">${[...work.commands].reverse().map(({ line, command, exit_code: code, is_error: isError }) => html`<li><span class="chip" data-bad="${String(isError)}">${code === null ? (isError ? "not run" : "no exit code") : `exit code ${code}`}</span><code dir="auto">${command}</code>${toLine(job, line)}</li>`)}</ul>` : null}
    ${work.files.length ? html`<h3>Files that it wrote <span class="count">${plural(work.files_total, "file")}</span></h3>
      <ul class="agent-list" data-testid="agent-files">${[...work.files].reverse().map(({ path, kind, line }) => html`<li><span class="chip">${KINDS[kind] ?? kind}</span><code dir="auto">${path}</code>${toLine(job, line)}</li>`)}</ul>` : null}
  </div>`;
}

/**
 * @param {Job} job
 * @param {number} line
 */
function toLine(job, line) {
  return html`<a class="agent-line" href="${address({ page: "jobs", item: job.id, query: { view: "all", line: String(line) } })}">line ${count(line)}</a>`;
}
