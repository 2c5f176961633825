/** A card as markup, but for what changes while it is shown: status and times, cost, evidence. What is the normal case is not said. */
import { dateTime, fileName } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { agentMark } from "../../ui/agent-mark.js";
import { timeAgo } from "../../ui/age.js";
import { checksMark, hasChecks, hasEvidence, hasFoot } from "./card-facts.js";
import { copyMark, dependencyMark, flagMarks, priorityMark } from "./marks.js";
/** @import {DependencyState, Markup, Task, TaskError, TaskRecord} from "../../lib/types.js" */

/** So many tags are on a card at most, and the others behind "+3". */
export const TAGS_SHOWN = 12;

/**
 * A card of a task that could be read.
 * @param {TaskRecord} record
 * @param {number} files
 * @param {DependencyState} dependencies
 * @param {Markup | null} host a mark of its host, where there are several
 */
export function whole(record, files, dependencies, host = null) {
  const { task } = record;
  return html`<div class="card-top">${host}${task.priority === "normal" ? null : priorityMark(task.priority)}${task.id === task.title ? null : identity(task)}${topEnd(record)}</div>
    ${title(record, task.title)}
    <p class="card-status"></p>
    ${facts(record)}
    ${hasFoot(record)
      ? html`<div class="card-foot">
      ${record.agent ? agentMark(record.agent) : null} ${copyMark(task)} ${sharedIdMark(task, files)}
      ${dependencyMark(dependencies, task.lane === "done")} ${flagMarks(task.flags)}
      ${task.tags.slice(0, TAGS_SHOWN).map((tag) => html`<span class="tag">${tag}</span>`)}
    </div>`
      : null}`;
}

/** What is checked off, and what was found of the files. @param {TaskRecord} record */
function facts(record) {
  const [checks, evidence] = [hasChecks(record), hasEvidence(record)];
  if (!checks && !evidence) return null;
  return html`<div class="card-facts">${checks ? checksMark(/** @type {NonNullable<Task["checklist"]>} */ (record.task.checklist)) : null}${evidence ? html`<p class="card-evidence" data-testid="card-evidence"></p>` : null}</div>`;
}

/**
 * A card of a file that could not be.
 * @param {TaskRecord} record
 * @param {number} files
 * @param {Markup | null} host
 */
export function broken(record, files, host = null) {
  const { task, path } = record;
  const { message, line, column } = /** @type {TaskError} */ (task.error);
  const place = line === null ? "" : column === null ? `Line ${line}: ` : `Line ${line}, column ${column}: `;
  return html`<div class="card-top">${host}<span class="broken">${icon("broken")}Broken file</span>${task.id === task.title ? null : html`<span class="card-id">${task.title}</span>`}${topEnd(record)}</div>
    ${title(record, fileName(path))}
    <p class="card-error"><strong>${place}</strong>${message}</p>
    ${hasFoot(record) ? html`<div class="card-foot">${record.agent ? agentMark(record.agent) : null} ${copyMark(task)} ${sharedIdMark(task, files)} ${flagMarks(task.flags)}</div>` : null}`;
}

/**
 * @param {TaskRecord} record
 * @param {string} text
 */
function title({ task, path, isDuplicate, host }, text) {
  // What another host has, is opened by the page of hosts: the address of this page would be that of a task here.
  const there = host === undefined ? address({ task: task.id, path: isDuplicate ? path : null }) : "#/board";
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

/** Nothing where it is as old as its stay in the lane, which is said below. @param {TaskRecord} record */
function ageOf({ created_at: then_ms, here_at, task: { created_at: created, modified_at: modified, error } }) {
  if (then_ms === here_at && !error) return null;
  const title = created ? `Created ${dateTime(created)}` : `Changed ${dateTime(modified)}`;
  return timeAgo(Number.isNaN(then_ms) ? null : new Date(then_ms).toISOString(), { form: "short", title });
}

/**
 * A link to all cards with the id of this one.
 * @param {Task} task
 * @param {number} files
 */
function sharedIdMark({ id, host }, files) {
  if (files < 2 || host !== undefined) return null;
  const there = address({ filters: { q: id, flag: "duplicate_id" } });
  const label = `${files} files have the id “${id}”: show them`;
  return html`<a class="chip" data-duplicate-mark data-testid="shared-id" tabindex="-1" href="${there}" title="${label}" aria-label="${label}">${icon("copy")}${files} files, one id</a>`;
}
