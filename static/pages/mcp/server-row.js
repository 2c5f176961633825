/** An MCP server as a row of the table. */
import { UNKNOWN, bytes, count, dateTime, plural } from "../../lib/format.js";
import { flag, html, icon } from "../../lib/html.js";
import { timeAgo } from "../../ui/age.js";
/** @import {Server, ServerStatus} from "./types.js" */

/** @type {Record<ServerStatus, {label: string, sign: string}>} */
export const STATES = {
  running: { label: "Running", sign: "play" },
  starting: { label: "Starting", sign: "clock" },
  unhealthy: { label: "Does not answer", sign: "alert" },
  failed: { label: "Failed", sign: "alert" },
  stopped: { label: "Not running here", sign: "dot" },
  "not approved": { label: "Not approved", sign: "pause" },
};

export const COLUMNS = ["Server", "State", "Tools", "Restarts", "CPU", "Memory", "Actions"];

/**
 * The cells; `reason` says why nothing can be started or stopped, null if it can.
 * @param {Server} server
 * @param {string | null} reason
 */
export function row(server, reason) {
  return html`<th scope="row" class="c-server"><bdi class="server-name">${server.name}</bdi><span class="tag">${server.origin === "user" ? "your settings" : ".mcp.json"}</span>
      ${server.version ? html`<span class="faint" dir="auto">${server.version}</span>` : null}${command(server)}${problem(server)}</th>
    <td class="c-state">${stateMark(server)}</td>
    <td class="c-tools">${tools(server)}</td>
    <td class="c-restarts" data-label="restarts">${count(server.restarts)}</td>
    <td class="c-cpu" data-label="CPU">${server.cpu_percent === null ? unknown("It does not run here") : `${server.cpu_percent.toFixed(0)} %`}</td>
    <td class="c-memory" data-label="memory">${server.memory_bytes === null ? unknown("It does not run here") : bytes(server.memory_bytes)}</td>
    <td class="c-actions">${buttons(server, reason)}</td>`;
}

/** @param {Server} server */
function stateMark({ status, checked_at: at, answer_ms: length }) {
  const { label, sign } = STATES[status];
  const answered = length === null ? "" : ` in ${count(Math.round(length))} ms`;
  return html`<span class="server-state" data-testid="server-state" data-state="${status}">${icon(sign)}${label}</span>
    ${at ? html`<span class="checked">${timeAgo(at, { title: `${dateTime(at)}: asked, answered${answered}` })}</span>` : null}`;
}

/** The whole command line, each argument by itself: what is approved. @param {Server} server */
function command({ argv, url, env_names: names, approved, name }) {
  const line = url === null ? html`<ol class="argv" data-testid="server-argv">${argv.map((argument) => html`<li><code dir="auto">${argument}</code></li>`)}</ol>` : html`<code class="url" dir="auto" data-testid="server-argv">${url}</code>`;
  const env = names.length ? html`<p class="faint">Variables: ${names.map((each) => html`<code>${each}</code> `)}</p>` : null;
  if (!approved) return html`<div class="command">${line}${env}</div>`;
  return html`<details class="command" data-server="${name}"><summary>${url === null ? "Command line" : "Address"}</summary>${line}${env}</details>`;
}

/** @param {Server} server */
function problem({ last_error: error, status }) {
  if (!error) return null;
  const isNow = status === "failed" || status === "unhealthy";
  return html`<p class="server-error" data-testid="server-error" data-now="${isNow}">${icon("alert")}<span dir="auto">${isNow ? "" : "Before: "}${error}</span></p>`;
}

/** @param {Server} server */
function tools({ tools: names, name }) {
  if (names.length === 0) return unknown("It was not asked yet");
  return html`<details class="tools" data-server="${name}"><summary data-testid="server-tools">${plural(names.length, "tool")}</summary><ul>${names.map((each) => html`<li><code dir="auto">${each}</code></li>`)}</ul></details>`;
}

/**
 * @param {Server} server
 * @param {string | null} reason
 */
function buttons({ name, status, approved }, reason) {
  const isOn = status === "running" || status === "starting" || status === "unhealthy";
  const why = reason ?? (approved || isOn ? null : "It is not approved: llm-service approve shows and approves it.");
  const actions = isOn ? [["stop", "Stop", "stop"], ["restart", "Restart", "activity"]] : [["start", "Start", "play"]];
  return actions.map(([action, label, sign]) => html`<button type="button" class="button" data-action="${action}" data-name="${name}" data-testid="server-${action}" aria-label="${label} ${name}" ${flag(why, "disabled")} title="${why ?? ""}">${icon(sign)}${label}</button> `);
}

/** @param {string} why */
function unknown(why) {
  return html`<span class="faint" title="${why}">${UNKNOWN}</span>`;
}
