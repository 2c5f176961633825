/** All plans, those that pass the filter of the address: `plan-list`. */
import { define, emit, keyed, one } from "../../lib/dom.js";
import { count, plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { segments } from "../../ui/segments.js";
import { state } from "../../ui/state.js";
import { rowButtons } from "./control.js";
import { withoutId } from "./plan-model.js";
import { currentMark, labelOf, progressBar, runningMark, statusMark, worktreeMark } from "./statuses.js";
/** @import {Markup, PlanRow} from "../../lib/types.js" */
/** @import {PlanCounts, Plans} from "../../stores/plans.js" */
/** @typedef {HTMLElement & {shown?: string}} RowElement */

const FILTERS = /** @type {const} */ (["all", "running", "in_progress", "failed", "pending", "completed"]);
const NAMES = { all: "All", running: "Running" };

export class PlanList extends HTMLElement {
  connectedCallback() {
    if (this.firstChild) return;
    const choices = FILTERS.map((value) => ({ value, label: html`${nameOf(value)} <span class="chip-count"></span>` }));
    render(this, html`<header class="plans-head"><h2>Plans</h2><span class="plans-sum" role="status" data-testid="plans-sum"></span><label class="plans-worktree"><input type="checkbox" name="worktree" data-testid="plans-worktree" />With a worktree</label>${segments({ name: "plans-status", label: "Status", choices })}</header>
      <div class="plans-none" hidden></div><ol class="plan-rows" data-testid="plan-rows"></ol>`);
    one(this, ".plans-worktree").addEventListener("change", ({ target }) => emit(this, "query-change", { changes: { worktree: /** @type {HTMLInputElement} */ (target).checked ? "true" : null } }));
    this.addEventListener("segment-choose", ({ detail: { value } }) => emit(this, "query-change", { changes: { status: value === "all" ? null : value } }));
  }

  /** @param {Plans} plans @param {Record<string, string>} query */
  show(plans, query) {
    const filter = FILTERS.find((name) => name === query.status) ?? "all";
    const isLimited = query.worktree === "true";
    const shown = plans.list(filter === "all" ? undefined : filter).filter(({ worktree }) => !isLimited || worktree !== null);
    /** @type {HTMLInputElement} */ (one(this, ".plans-worktree input")).checked = isLimited;
    this.#fillFilter(plans.counts, filter);
    one(this, ".plans-sum").textContent = sumOf(shown.length, plans.counts);
    const none = one(this, ".plans-none");
    const reason = plans.plans.size === 0 ? "empty" : shown.length === 0 ? "filtered" : "";
    none.hidden = reason === "";
    if (reason && none.dataset.reason !== reason) render(none, reason === "empty" ? empty() : filtered());
    none.dataset.reason = reason;
    keyed(one(this, ".plan-rows"), shown, ({ name }) => name, newRow, fill);
  }

  /** @param {PlanCounts} counts @param {string} filter */
  #fillFilter(counts, filter) {
    const group = /** @type {import("../../ui/segments.js").SegmentGroup} */ (one(this, "segment-group"));
    group.value = filter;
    for (const button of group.buttons) one(button, ".chip-count").textContent = count(counts[/** @type {"all"} */ (button.value)]);
  }
}

/** Make the element known. */
export function register() {
  define("plan-list", PlanList);
}

/** @param {typeof FILTERS[number]} filter */
const nameOf = (filter) => (filter === "all" || filter === "running" ? NAMES[filter] : labelOf(filter));

/** @param {number} shown @param {PlanCounts} counts */
function sumOf(shown, { all, running }) {
  const filteredOut = shown < all ? `${count(shown)} of ` : "";
  return all > 0 ? `${filteredOut}${plural(all, "plan")}, ${count(running)} running` : "";
}

function newRow() {
  const element = /** @type {RowElement} */ (document.createElement("li"));
  element.className = "plan-row";
  return element;
}

/** @param {RowElement} element @param {PlanRow} row */
function fill(element, row) {
  const buttons = rowButtons(row);
  const shown = JSON.stringify(row) + buttons.text;
  if (element.shown === shown) return;
  const stops = "a, button";
  const focused = [...element.querySelectorAll(stops)].indexOf(/** @type {Element} */ (document.activeElement));
  element.shown = shown;
  Object.assign(element.dataset, { testid: "plan-row", plan: row.name, status: row.status });
  render(element, rowOf(row, buttons));
  if (focused >= 0) /** @type {HTMLElement} */ (element.querySelectorAll(stops)[focused] ?? element.querySelector("a")).focus();
}

/** @param {PlanRow} row @param {Markup} buttons */
function rowOf(row, buttons) {
  const { name, title, status, progress, currentTask, currentPhase, lastUpdatedAt, disagreements, problems } = row;
  const now = currentTask ? html`<span class="now-id">${currentTask.id}</span> ${withoutId(currentTask.id, currentTask.description)}` : currentPhase;
  return html`<div class="row-name"><a href="${address({ page: "plans", item: name })}" dir="auto">${title || name}</a><div class="row-marks"><code class="row-file">${name}</code>${currentMark(row)}${worktreeMark(row)}</div></div>
    <div class="row-status">${statusMark(status)}${runningMark(row)}</div>
    <div class="row-progress">${progressBar(progress, "Progress")}<span class="row-share">${progress ? html`${progress.percentage} % <span class="faint">${count(progress.completed + progress.skipped)} of ${count(progress.total)}</span>` : html`<span class="faint">not begun</span>`}</span></div>
    <p class="row-now" dir="auto" data-testid="plan-now">${now}</p>
    <div class="row-more">${disagreements > 0 ? html`<span class="chip warning" title="Its files, orchestrator or worktree do not say the same">${icon("diff")}${count(disagreements)}<span class="off-screen"> disagreements</span></span>` : null}${problems > 0 ? html`<span class="chip warning" title="Something in the files could not be read as it is meant to be">${icon("alert")}${count(problems)}<span class="off-screen"> problems</span></span>` : null}${timeAgo(lastUpdatedAt)}${buttons}</div>`;
}

function empty() {
  return state({ name: "no-plans", sign: "table", title: "No plans yet", text: html`A plan is a Markdown file with phases and tasks, such as <code>docs/plans/harbour.md</code>. It appears here as soon as it is written.` });
}

function filtered() {
  return state({ name: "no-such-plans", isPart: true, sign: "filter", title: "No plan passes the filter", more: html`<a class="button" href="#/plans">All plans</a>` });
}
