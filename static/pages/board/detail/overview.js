/** The first tab: what the task says, in reading order, with its dependencies and artefacts. */
import { sentenceCase } from "../../../lib/format.js";
import { html, icon } from "../../../lib/html.js";
import { address } from "../../../lib/router.js";
import { claimList, isLacking } from "./claims.js";
import { laneBar } from "./lane-bar.js";
import { copyMark } from "../marks.js";
import { isShownAsFact, properties } from "./properties.js";
/** @import {Markup, Task} from "../../../lib/types.js" */
/** @import {Fields} from "./fields.js" */
/** @import {Details, LookUp, NamedFile, TaskState} from "../types.js" */

const FIRST = ["description", "summary", "context", "objective", "acceptance_criteria", "deliverables", "notes"];
const BOX_SIGNS = { error: "alert", result: "check", doubted: "help" };
const OWN_SECTION = ["error", "result", "artefacts", "artifacts", "dependencies", "depends_on", "blocked_by"];

/**
 * Markup of the tab. `details` is the answer of the service, `lookUp(id)` what the board knows of a task now.
 * @param {Details} details
 * @param {Fields} fields
 * @param {LookUp} lookUp
 * @param {TaskState | null} state
 */
export function overview(details, fields, lookUp, state) {
  const { task, document } = details;
  const keys = Object.keys(document).filter((key) => !OWN_SECTION.includes(key) && !isShownAsFact(key, document[key], task));
  const ordered = [...FIRST.filter((key) => keys.includes(key)), ...keys.filter((key) => !FIRST.includes(key))];
  return html`<div class="overview">
    <div class="main-text">
      ${files(details)} ${laneBar(details, state?.here_at ?? NaN)} ${box("error", "Error", task.flags.includes("has_error") ? document.error : null, fields)}
      ${box(isLacking(details) ? "doubted" : "result", "Result", document.result, fields)} ${artefacts(details, fields)}
      ${neighbours(details)} ${dependencies(details, lookUp)} ${ordered.map((key) => section(sentenceCase(key), fields.value(document[key])))}
      ${dependents(details, lookUp)} ${others(details.extra_documents, fields)}
      ${nothing(details, ordered)}
    </div>
    <aside aria-label="Facts">${properties(task)}<task-costs data-task="${task.id}" hidden></task-costs></aside>
  </div>`;
}

/**
 * The files that have the id of the task, if there are several; the first leads.
 * @param {Details} details
 */
function files({ files: all, task }) {
  if (all.length < 2) return null;
  const rows = all.map((file) => (file.key === task.key ? thisFile(file) : fileLink(task.id, file)));
  return section(`${Math.max(all.length, task.duplicate_count + 1)} files have this id`, html`<ul class="task-links" data-testid="files-with-this-id">${rows}</ul>`);
}

/** @param {NamedFile} file */
function thisFile(file) {
  return html`<li><span class="state-mark">${icon("file")}this one</span><span>${file.path} ${copyMark(file)}</span></li>`;
}

/**
 * @param {string} id
 * @param {NamedFile} file
 */
function fileLink(id, file) {
  const path = file.key === id ? null : file.path;
  return html`<li>
    <span class="state-mark">${icon("copy")}${sentenceCase(file.lane)}</span>
    <span><a class="task-link" href="${address({ task: id, path })}" data-opens="${id}" data-path="${path ?? ""}" dir="auto">${file.title}</a> <span class="hint">${file.path}</span> ${copyMark(file)}</span>
  </li>`;
}

/**
 * A heading with what belongs under it.
 * @param {string} heading
 * @param {Markup} body
 */
export function section(heading, body) {
  return html`<section class="field"><h3>${heading}</h3>${body}</section>`;
}

/**
 * @param {"error" | "result" | "doubted"} kind "doubted": a result while files that it names are missing
 * @param {string} heading
 * @param {unknown} value
 * @param {Fields} fields
 */
function box(kind, heading, value, fields) {
  if (value === undefined || value === null || value === "") return null;
  return html`<section class="field box" data-kind="${kind}"><h3>${icon(BOX_SIGNS[kind])}${heading}</h3>${fields.value(value)}</section>`;
}

/**
 * A drawing of what it waits for and what waits for it, where there is more than can be said in a list.
 * @param {Details} details
 */
function neighbours({ task, dependencies: before, dependents: after }) {
  if (before.length + (after?.length ?? 0) === 0) return null;
  return section("Around this task", html`<task-graph data-task="${task.id}"></task-graph>`);
}

/**
 * @param {Details} details
 * @param {LookUp} lookUp
 */
function dependencies(details, lookUp) {
  if (details.dependencies.length === 0) return null;
  return section(
    "Dependencies",
    html`<ul class="task-links" data-testid="dependencies">${details.dependencies.map(({ id }) => taskLink(id, lookUp(id)))}</ul>`,
  );
}

/**
 * @param {Details} details
 * @param {LookUp} lookUp
 */
function dependents({ dependents: needing }, lookUp) {
  if (!needing?.length) return null;
  return section("Needed by", html`<ul class="task-links">${needing.map(({ id }) => taskLink(id, lookUp(id)))}</ul>`);
}

/**
 * @param {string} id
 * @param {Task | undefined} task
 */
function taskLink(id, task) {
  if (!task)
    return html`<li data-state="unknown"><span class="state-mark">${icon("help")}not on the board</span><span>${id}</span></li>`;
  const isDone = task.lane === "done";
  return html`<li data-state="${isDone ? "met" : "open"}">
    <span class="state-mark">${icon(isDone ? "check" : "clock")}${sentenceCase(task.lane)}</span>
    <a class="task-link" href="${address({ task: id })}" data-opens="${id}" dir="auto">${task.title}</a>
  </li>`;
}

/**
 * What was found of them; where the file has more about them than names, that too.
 * @param {Details} details
 * @param {Fields} fields
 */
function artefacts(details, fields) {
  const value = details.document.artefacts ?? details.document.artifacts;
  const found = claimList(details);
  const isMore = Array.isArray(value) ? value.some((item) => typeof item !== "string") : Boolean(value);
  if (!found && !isMore) return null;
  return section("Files", html`${found}${isMore ? fields.value(value) : null}`);
}

/**
 * @param {unknown[]} documents
 * @param {Fields} fields
 */
function others(documents, fields) {
  return documents.map((document, index) => section(`Document ${index + 2} of the file`, fields.value(document)));
}

/**
 * @param {Details} details
 * @param {string[]} ordered
 */
function nothing({ document, problem }, ordered) {
  if (ordered.length || OWN_SECTION.some((key) => key in document)) return null;
  const why = problem
    ? "The file does not parse: see the tab Problem."
    : "No further details in this file.";
  return html`<p class="nil">${why}</p>`;
}
