/** The tasks of a plan as a list, of which only the visible part exists, and the one that is chosen: `plan-tasks`. */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { count, latency, plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { indexFor } from "../../lib/layout.js";
import { address } from "../../lib/router.js";
import { rowList } from "../../ui/row-list.js";
import { segments } from "../../ui/segments.js";
import { lengthOf, tasksIn, withoutId } from "./plan-model.js";
import { STATUSES, labelOf, statusMark } from "./statuses.js";
import { taskOf } from "./task-facts.js";
/** @import {ListElement, PlanTask} from "../../lib/types.js" */
/** @import {VirtualList} from "../../ui/virtual-list.js" */
/** @import {Plan} from "./types.js" */
/** @typedef {{key: string, task: PlanTask}} Item */
/** @typedef {ListElement & {shown?: string}} RowElement */

export class PlanTasks extends HTMLElement {
  /** @type {VirtualList<Item, RowElement>} */
  #list = /** @type {any} */ (null); // until it is connected
  #asked = "";
  #plan = "";
  /** @type {Record<string, string>} */
  #query = {};
  #chosen = "";
  #toReveal = "";

  connectedCallback() {
    if (this.#list) return;
    render(this, frame());
    const viewport = one(this, ".task-view");
    this.#list = rowList(viewport, one(this, ".task-rows"), { make: newRow, fill: (element, item, place) => this.#fill(element, item, place) });
    new ResizeObserver(() => this.#reveal()).observe(viewport); // after that of the list, which has its places only then
    this.addEventListener("segment-choose", ({ detail: { value } }) => emit(this, "query-change", { changes: { status: value === "all" ? null : value } }));
    delegate(viewport, "keydown", ".task-row", (event, row) => {
      const index = indexFor(event.key, this.#list.indexOf(/** @type {RowElement} */ (row).keyedBy), { length: this.#list.items.length, page: this.#list.page });
      if (index === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.#list.focus(index);
    });
  }

  /** Show the tasks that the address asks for. @param {Plan} plan @param {Record<string, string>} query */
  show(plan, query) {
    const shown = tasksIn(plan.tasks, query);
    const asked = JSON.stringify([plan.name, query.phase, query.status]);
    [this.#plan, this.#query] = [plan.name, query];
    this.#fillFilter(tasksIn(plan.tasks, { phase: query.phase }), query.status ?? "all");
    one(this, ".task-sum").textContent = shown.length < plan.tasks.length ? `${count(shown.length)} of ${plural(plan.tasks.length, "task")}` : plural(shown.length, "task");
    one(this, ".task-none").hidden = shown.length > 0;
    one(this, ".task-view").hidden = shown.length === 0;
    this.#list.show(shown.map((task) => ({ key: task.id, task })), asked !== this.#asked);
    this.#asked = asked;
    this.#choose(plan, query.task);
  }

  /** @param {RowElement} element @param {Item} item @param {{index: number, length: number}} place */
  #fill(element, { task }, { index, length }) {
    const to = address({ page: "plans", item: this.#plan, query: { ...this.#query, task: task.id } });
    const isChosen = task.id === this.#query.task;
    element.setAttribute("aria-posinset", String(index + 1));
    element.setAttribute("aria-setsize", String(length));
    const shown = JSON.stringify([task, to, isChosen]);
    if (element.shown === shown) return;
    element.shown = shown;
    Object.assign(element.dataset, { testid: "task-row", task: task.id, status: task.status });
    const link = /** @type {HTMLAnchorElement} */ (element.focusTarget);
    link.setAttribute("href", to);
    link.setAttribute("aria-current", String(isChosen));
    render(link, rowOf(task));
  }

  /** @param {Plan} plan @param {string | undefined} id */
  #choose(plan, id) {
    const place = one(this, ".task-chosen");
    const task = plan.tasks.find((each) => each.id === id);
    this.toggleAttribute("data-chosen", Boolean(task));
    place.hidden = !task;
    if (!task) {
      this.#chosen = "";
      return;
    }
    const markup = taskOf(plan, task);
    if (markup.text !== place.dataset.markup) render(place, markup);
    place.dataset.markup = markup.text;
    if (this.#chosen === task.id) return;
    this.#chosen = task.id;
    this.#toReveal = task.id;
    this.#reveal();
    if (matchMedia("(max-width: 900px)").matches) place.scrollIntoView({ block: "nearest" });
  }

  /** Bring the chosen task into view, once. */
  #reveal() {
    const index = this.#list.indexOf(this.#toReveal);
    if (index < 0 || Number.isNaN(this.#list.offsetOf(index))) return;
    this.#toReveal = "";
    this.#list.reveal(index, true);
  }

  /** @param {PlanTask[]} tasks @param {string} status */
  #fillFilter(tasks, status) {
    const group = /** @type {import("../../ui/segments.js").SegmentGroup} */ (one(this, "segment-group"));
    group.value = status;
    const sizes = new Map([["all", tasks.length]]);
    for (const task of tasks) sizes.set(task.status, (sizes.get(task.status) ?? 0) + 1);
    for (const button of group.buttons) {
      const size = sizes.get(button.value) ?? 0;
      one(button, ".chip-count").textContent = count(size);
      button.hidden = size === 0 && button.value !== "all" && button.value !== status;
    }
  }
}

/** Make the element known. */
export function register() {
  define("plan-tasks", PlanTasks);
}

function frame() {
  const choices = ["all", ...Object.keys(STATUSES)].map((value) => ({ value, label: html`${value === "all" ? "All" : labelOf(value)} <span class="chip-count"></span>` }));
  return html`<div class="task-list"><header class="task-head"><span class="task-sum" role="status" data-testid="task-sum"></span>${segments({ name: "task-status", label: "Status of the tasks", choices })}</header>
    <div class="task-view"><div class="task-rows" role="list" aria-label="Tasks"></div></div><p class="task-none nil" data-testid="no-tasks" hidden>No task passes the filters.</p></div>
    <section class="task-chosen panel" aria-label="The chosen task" data-testid="plan-task" hidden></section>`;
}

function newRow() {
  const element = /** @type {RowElement} */ (document.createElement("div"));
  element.className = "task-row";
  element.setAttribute("role", "listitem");
  const link = document.createElement("a");
  element.append(link);
  element.focusTarget = link;
  return element;
}

/** @param {PlanTask} task */
function rowOf(task) {
  const { id, description, status, retryCount, notes, error, lastError, findingsPath } = task;
  const length = lengthOf(task);
  return html`${statusMark(status, true)}<span class="task-id">${id}</span><span class="task-text" dir="auto">${withoutId(id, description)}</span>
    <span class="task-marks">${retryCount > 0 ? html`<span class="chip warning" title="Tried again">${plural(retryCount, "retry", "retries")}</span>` : null}${mark(error ?? lastError, "alert", "has an error")}${mark(notes, "text", "has notes")}${mark(findingsPath, "file", "has findings")}</span>
    <span class="task-length">${length === null ? null : latency(length)}</span>`;
}

/** @param {string | null} value @param {string} sign @param {string} text */
function mark(value, sign, text) {
  return value ? html`<span class="task-mark" data-sign="${sign}" title="${text}">${icon(sign)}<span class="off-screen">${text}</span></span>` : null;
}
