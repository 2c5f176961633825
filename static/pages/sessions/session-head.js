/** The head of a session: what it is, to-dos, tools, files, cost over time, sub-agents, what it belongs to. */
import { bytes, count, dateTime, money, plural, tokens } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { todoList } from "../../ui/todos.js";
import { CHART, costLine } from "./figures.js";
import { contextGauge, costOf, stateMark } from "./session-marks.js";
/** @import {Markup} from "../../lib/types.js" */
/** @import {CostPoint, FileTouched, SessionDetail, SessionRow} from "./types.js" */

const MOST_FILES = 100;

/** The title and the facts in one line. @param {SessionDetail} detail @returns {Markup} */
export function titleOf({ session, lines, log }) {
  const { title, program, agent, folder, branch, model, parent, question, started_at: started, last_at: last, bytes: size } = session;
  const facts = [
    html`${program}${agent ? html` · ${agent}` : null}`,
    folder && html`<bdi>${folder}</bdi>`,
    branch && html`<bdi>${branch}</bdi>`,
    model && html`<bdi>${model}</bdi>`,
    started && html`began <time datetime="${started}">${dateTime(started)}</time>`,
    html`last line ${timeAgo(last)}`,
    html`<span title="${log}">${plural(lines, "line")}${size === null ? "" : `, ${bytes(size)}`}</span>`,
  ];
  return html`<nav class="crumbs" aria-label="Where this is"><a href="#/sessions">${icon("back")}Sessions</a>${parent ? html`<a href="${address({ page: "sessions", item: parent })}" data-testid="session-parent">Its session</a>` : null}</nav>
    <div class="title-line"><h2 dir="auto" data-testid="session-title">${title ?? "No title"}</h2>${stateMark(session)}</div>
    <p class="session-facts">${facts.filter(Boolean).map((fact) => html`<span>${fact}</span>`)}</p>
    <p class="session-basis" data-testid="session-basis">${session.certainty}: ${session.rests_on}</p>
    ${question ? html`<p class="session-question" dir="auto">${icon("help")}${question}</p>` : null}`;
}

/** What the log adds up to. @param {SessionDetail} detail @returns {Markup} */
export function panelsOf(detail) {
  const panels = [costPanel(detail), todoPanel(detail), toolPanel(detail), filePanel(detail), agentPanel(detail), linkPanel(detail)];
  return html`${detail.is_indexed ? null : html`<p class="hint" role="status" data-testid="still-reading">The log is still being read: ${count(detail.lines)} lines so far.</p>`}${panels}`;
}

/** @param {string} name @param {unknown} title @param {Markup | null} body */
function panel(name, title, body) {
  return body && html`<section class="session-panel" data-testid="session-${name}"><h3>${title}</h3>${body}</section>`;
}

/** @param {SessionDetail} detail */
function costPanel({ session, cost_points: points, prompts, tool_calls: calls, broken_lines: broken }) {
  const { cost } = session;
  const to = cost && cost.calls > 0 ? address({ page: "costs", query: { range: "all", session: session.counted_as, show: "calls" } }) : null;
  const toCalls = (/** @type {unknown} */ figure) => (to ? html`<a href="${to}">${figure}</a>` : html`${figure}`);
  return panel(
    "figures",
    "Cost and context",
    html`<dl class="session-figures"><div><dt>Cost</dt><dd>${toCalls(costOf(session))}</dd></div>
      ${cost && cost.calls > 0 ? html`<div><dt>Calls</dt><dd>${toCalls(count(cost.calls))}</dd></div><div><dt>Tokens</dt><dd>${toCalls(tokens(cost.tokens))}</dd></div>` : null}
      <div><dt>Prompts</dt><dd>${count(prompts)}</dd></div><div><dt>Uses of tools</dt><dd>${count(calls)}</dd></div>${broken > 0 ? html`<div><dt>Unreadable lines</dt><dd>${count(broken)}</dd></div>` : null}</dl>
      ${contextGauge(session)}${chart(points)}`,
  );
}

/** @param {CostPoint[]} points */
function chart(points) {
  const drawn = costLine(points);
  if (!drawn) return null;
  const last = /** @type {CostPoint} */ (points.at(-1));
  return html`<figure class="cost-chart" data-testid="cost-chart"><svg viewBox="0 0 ${CHART.width} ${CHART.height}" preserveAspectRatio="none" role="img" aria-label="${drawn.label}"><path class="chart-area" d="${drawn.area}"></path><path class="chart-line" d="${drawn.line}"></path></svg>
    <figcaption><span>${dateTime(points[0].time)}</span><span>${money(last.cost_usd)} at ${dateTime(last.time)}</span></figcaption></figure>`;
}

/** @param {SessionDetail} detail */
function todoPanel({ todos }) {
  if (!todos || todos.total === 0) return null;
  return panel("todos", html`To-dos <span class="faint">${todos.done} of ${todos.total}</span>`, todoList(todos.items, "session-todo-list"));
}

/** @param {SessionDetail} detail */
function toolPanel({ tools }) {
  if (tools.length === 0) return null;
  const most = tools[0].uses;
  const row = (/** @type {{name: string, uses: number}} */ { name, uses }) => html`<li><bdi>${name}</bdi><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width="${Math.max(1, Math.round((uses / most) * 100))}" height="6"></rect></svg><span class="number">${count(uses)}</span></li>`;
  return panel("tools", html`Tools <span class="faint">${count(tools.length)}</span>`, html`<ol class="session-tools">${tools.map(row)}</ol>`);
}

/** @param {SessionDetail} detail */
function filePanel({ files }) {
  if (files.length === 0) return null;
  const row = (/** @type {FileTouched} */ { path, project, place, times, kind }) => {
    const name = html`<bdi>${path}</bdi>`;
    const link = project && place ? html`<a href="${address({ page: "artifacts", item: project, query: { path: place } })}">${name}</a>` : name;
    return html`<li>${icon(kind === "add" ? "plus" : "edit")}<span class="off-screen">${kind === "add" ? "written: " : "changed: "}</span><span class="file-name">${link}</span><span class="number" title="${plural(times, "change")}">${count(times)}</span></li>`;
  };
  const more = files.length > MOST_FILES ? html`<p class="hint">${plural(files.length - MOST_FILES, "more file")}</p>` : null;
  return panel("files", html`Files <span class="faint">${count(files.length)}</span>`, html`<ol class="sign-list session-files">${files.slice(0, MOST_FILES).map(row)}</ol>${more}`);
}

/** @param {SessionDetail} detail */
function agentPanel({ children }) {
  if (children.length === 0) return null;
  const row = (/** @type {SessionRow} */ child) => html`<li>${stateMark(child)}<a href="${address({ page: "sessions", item: child.id })}" dir="auto">${child.agent ? html`<strong>${child.agent}</strong> ` : null}${child.title ?? child.id}</a></li>`;
  return panel("agents", html`Sub-agents <span class="faint">${count(children.length)}</span>`, html`<ul class="session-agents">${children.map(row)}</ul>`);
}

/** @param {SessionDetail} detail */
function linkPanel({ links: { tasks, jobs, pipelines } }) {
  if (tasks.length + jobs.length + pipelines.length === 0) return null;
  return panel(
    "links",
    "Belongs to",
    html`<ul class="session-links">${tasks.map(({ id, title, lane }) => html`<li><span class="faint">Task, ${lane}</span> <a class="task-link" href="${address({ task: id })}" data-opens="${id}" dir="auto">${title || id}</a></li>`)}
      ${jobs.map(({ id, status, run }) => html`<li><span class="faint">Job, ${status}</span> <a href="${address({ page: "jobs", item: id, query: { run } })}">${id}</a></li>`)}
      ${pipelines.map(({ id, status }) => html`<li><span class="faint">Pipeline, ${status}</span> <a href="${address({ page: "pipelines", item: id })}">${id}</a></li>`)}</ul>`,
  );
}
