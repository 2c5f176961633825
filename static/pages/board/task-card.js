/** One card of the board. `show({record, dependencies, files, quiet, cost, evidence, width})` draws it; the board listens for clicks. */
import { dateTime, fileName } from "../../lib/format.js";
import { define, one } from "../../lib/dom.js";
import { html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { agentMark } from "../../ui/agent-mark.js";
import { timeAgo } from "../../ui/age.js";
import { hasEvidence, showCost, showEvidence, titleLines } from "./card-facts.js";
import { fitFoot } from "./card-foot.js";
import { showStatus } from "./card-status.js";
import { copyMark, dependencyMark, flagMarks, priorityMark } from "./marks.js";
/** @import {DependencyState, Task, TaskError, TaskRecord} from "../../lib/types.js" */
/** @import {CardFacts} from "./types.js" */

const TAGS_SHOWN = 12;

export class TaskCard extends HTMLElement {
  /** @type {TaskRecord} */
  record = /** @type {any} */ (null);
  /** @type {string | null} */
  #shown = null;
  #flash = "a";
  #width = 0; // for which the foot was fitted

  connectedCallback() {
    this.classList.add("card");
    this.setAttribute("role", "listitem");
    this.addEventListener("animationend", () => delete this.dataset.flash);
  }

  /**
   * Draw what has changed. `dependencies` is the board's count, `files` how many have its id, `quiet` since when nothing happened, `cost` what its calls have cost (undefined: none),
   * `evidence` what was found of its artefacts (undefined: not checked yet), `width` decides how many lines a title has.
   * @param {CardFacts & {record: TaskRecord, width: number}} facts
   */
  show({ record, dependencies, files, quiet, cost, evidence, width }) {
    const isNew = this.#draw(record, dependencies, files, titleLines(record, width));
    showStatus(this.querySelector(".card-status"), record, quiet);
    showCost(one(this, ".card-cost"), cost);
    showEvidence(this.querySelector(".card-evidence"), evidence, record.task);
    if (isNew || this.#width !== width) fitFoot(one(this, ".card-foot"), record.task.error ? [] : record.task.tags.slice(TAGS_SHOWN));
    this.#width = width;
  }

  /**
   * @param {TaskRecord} record
   * @param {DependencyState} dependencies
   * @param {number} files
   * @param {number} lines
   */
  #draw(record, dependencies, files, lines) {
    const shown = `${lines} ${files} ${JSON.stringify(dependencies)}`;
    if (this.record === record && this.#shown === shown) return false;
    this.record = record;
    this.#shown = shown;
    const hadFocus = this.contains(document.activeElement);
    const tabIndex = this.focusTarget?.tabIndex ?? -1;
    this.#label(record, lines);
    render(this, record.task.error ? broken(record, files) : whole(record, files, dependencies));
    this.focusTarget.tabIndex = tabIndex;
    if (hadFocus) this.focusTarget.focus({ preventScroll: true });
    return true;
  }

  /** The link that has the focus when the card has it. */
  get focusTarget() {
    return /** @type {HTMLElement} */ (this.querySelector("[data-focus]"));
  }

  /** Let the eye find what has just changed. */
  flash() {
    this.#flash = this.#flash === "a" ? "b" : "a";
    this.dataset.flash = this.#flash;
  }

  /**
   * @param {TaskRecord} record
   * @param {number} lines
   */
  #label({ task, lane, path, isDuplicate }, lines) {
    this.dataset.testid = task.error ? "card-broken" : "card";
    this.dataset.taskId = task.id;
    this.dataset.path = path;
    this.dataset.lane = lane;
    this.dataset.lines = String(lines);
    this.dataset.priority = task.error ? "broken" : task.priority;
    this.toggleAttribute("data-duplicate", isDuplicate);
  }
}

/** Make the element known. */
export function register() {
  define("task-card", TaskCard);
}

/**
 * @param {TaskRecord} record
 * @param {number} files
 * @param {DependencyState} dependencies
 */
function whole(record, files, dependencies) {
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
 * @param {TaskRecord} record
 * @param {number} files
 */
function broken(record, files) {
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
