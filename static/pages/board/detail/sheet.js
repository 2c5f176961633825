/** The parts of the detail dialog as markup. */
import { sentenceCase } from "../../../lib/format.js";
import { html, icon } from "../../../lib/html.js";
import { agentMark } from "../../../ui/agent-mark.js";
import { priorityMark } from "../marks.js";
import { copyable } from "../../../ui/copy-button.js";
import { state } from "../../../ui/state.js";
import { tabBar } from "../../../ui/tabs.js";
import { Fields } from "./fields.js";
import { overview } from "./overview.js";
import { history, problem, raw } from "./file-tabs.js";
/** @import {Details, LookUp, Tab, TabName} from "../types.js" */

const CONTENT = { overview, problem, raw, history };

/** The empty dialog. */
export function frame() {
  return html`<dialog class="dialog detail" data-testid="detail" autofocus aria-label="Task" aria-labelledby="detail-title">
    <button type="button" class="button icon-button close" aria-label="Close task" title="Close (Esc)">${icon("close")}</button>
    <p class="detail-notice" role="status" data-testid="detail-notice" hidden></p>
    <div class="sheet"></div>
  </dialog>`;
}

/**
 * The tabs that a task has.
 * @param {Details} details
 * @returns {Tab[]}
 */
export function tabsOf(details) {
  /** @type {Tab[]} */
  const tabs = [
    { name: "overview", label: "Overview" },
    { name: "raw", label: "Raw YAML" },
    { name: "history", label: "History" },
  ];
  if (!details.problem) return tabs;
  /** @type {Tab} */
  const further = { name: "problem", label: "Problem" };
  return details.task.error ? [further, ...tabs] : [...tabs, further];
}

/**
 * Heading, tabs, and the empty place for the tab's content.
 * @param {Details} details
 * @param {Tab[]} tabs
 * @param {TabName} current
 */
export function head({ task }, tabs, current) {
  return html`<header class="detail-head">
      <p class="detail-marks">
        <span class="lane-mark" data-lane="${task.lane}">${sentenceCase(task.lane)}</span>${priorityMark(task.priority)}${agentMark(task.agent)}
        ${task.error ? html`<span class="broken">${icon("broken")}Broken file</span>` : null}
      </p>
      <h2 class="detail-title" id="detail-title" dir="auto">${task.title}</h2>
      <p class="detail-names">${copyable("id", task.id)}${copyable("path", task.path)}</p>
      ${tabBar({ label: "Views of the task", tabs, prefix: "tab", panel: "tab-body", selected: current })}
    </header>
    <div class="tab-body" role="tabpanel" id="tab-body" aria-labelledby="tab-${current}" tabindex="0"></div>`;
}

/**
 * `{markup, fields}` of a tab; `fields.fill` has to be called once the markup is in place.
 * @param {TabName} tab
 * @param {Details} details
 * @param {LookUp} lookUp
 */
export function body(tab, details, lookUp) {
  const fields = new Fields();
  return { markup: CONTENT[tab](details, fields, lookUp), fields };
}

/**
 * What is shown in place of a task that cannot be.
 * @param {string} id
 * @param {Error & {status?: number}} error
 */
export function failure(id, error) {
  const title = error.status === 404 ? "Not on the board" : "The task cannot be shown";
  return state({ name: "detail-failure", sign: "alert", title, text: error.message, more: html`<p class="hint"><code>${id}</code></p>` });
}
