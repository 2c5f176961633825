/** A card as markup, but for what changes while it is shown: status and times, cost, evidence. */
import { dateTime, fileName } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { agentMark } from "../../ui/agent-mark.js";
import { timeAgo } from "../../ui/age.js";
import { hasEvidence } from "./card-facts.js";
import { copyMark, dependencyMark, flagMarks, priorityMark } from "./marks.js";
/** @import {DependencyState, Task, TaskError, TaskRecord} from "../../lib/types.js" */

/** So many tags are on a card at most, and the others behind "+3". */
export const TAGS_SHOWN = 12;

/**
 * A card of a task that could be read.
 * @param {TaskRecord} record
 * @param {number} files
 * @param {DependencyState} dependencies
 */
export function whole(record, files, dependencies) {
  const { task } = record;
  return html`<div class="card-top">${priorityMark(task.priority)}${task.id === task.title ? null : identity(task)}${topEnd(record)}</div>
    ${title(record, task.title)}
    <p class="card-status"></p>
    ${hasEvidence(record) ? html`<p class="card-evidence" data-testid="card-evidence"></p>` : null}
    <div class="card-foot">
      ${agentMark(record.agent)} ${copyMark(task)} ${sharedIdMark(task, files)}
      ${dependencyMark(dependencies, task.lane === "done")} ${flagMarks(task.flags)}
      ${task.tags.slice(0, TAGS_SHOWN).map((tag) => html`<span class="tag">${tag}</span>`)}
    </div>`;
}

/**
 * A card of a file that could not be.
 * @param {TaskRecord} record
 * @param {number} files
 */
export function broken(record, files) {
  const { task, path } = record;
  const { message, line, column } = /** @type {TaskError} */ (task.error);
  const place = line === null ? "" : column === null ? `Line ${line}: ` : `Line ${line}, column ${column}: `;
  return html`<div class="card-top"><span class="broken">${icon("broken")}Broken file</span>${task.id === task.title ? null : html`<span class="card-id">${task.title}</span>`}${topEnd(record)}</div>
    ${title(record, fileName(path))}
    <p class="card-error"><strong>${place}</strong>${message}</p>
    <div class="card-foot">${agentMark(record.agent)} ${copyMark(task)} ${sharedIdMark(task, files)} ${flagMarks(task.flags)}</div>`;
}

/**
 * @param {TaskRecord} record
 * @param {string} text
 */
function title({ task, path, isDuplicate }, text) {
  const there = address({ task: task.id, path: isDuplicate ? path : null });
  return html`<a class="card-title" data-focus tabindex="-1" dir="auto" href="${there}" title="${text}">${text}</a>`;
}

/** @param {Task} task */
function identity(task) {
  return html`<span class="card-id" title="${task.id}">${task.id}</span>`;
}

/**
 * The right end of the first line.
 * @param {TaskRecord} record
 */
function topEnd(record) {
  return html`<span class="card-cost" data-testid="card-cost" role="img" hidden></span>${ageOf(record)}`;
}

/** @param {TaskRecord} record */
function ageOf({ created_at: then_ms, task: { created_at: created, modified_at: modified } }) {
  const title = created ? `Created ${dateTime(created)}` : `Changed ${dateTime(modified)}`;
  return timeAgo(Number.isNaN(then_ms) ? null : new Date(then_ms).toISOString(), { form: "short", title });
}

/**
 * A link to all cards with the id of this one.
 * @param {Task} task
 * @param {number} files
 */
function sharedIdMark({ id }, files) {
  if (files < 2) return null;
  const there = address({ filters: { q: id, flag: "duplicate_id" } });
  const label = `${files} files have the id “${id}”: show them`;
  return html`<a class="chip" data-duplicate-mark data-testid="shared-id" tabindex="-1" href="${there}" title="${label}" aria-label="${label}">${icon("copy")}${files} files, one id</a>`;
}
