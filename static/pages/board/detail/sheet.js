/** The parts of the panel of a task as markup. */
import { one } from "../../../lib/dom.js";
import { count, sentenceCase } from "../../../lib/format.js";
import { html, icon } from "../../../lib/html.js";
import { agentMark } from "../../../ui/agent-mark.js";
import { priorityMark } from "../marks.js";
import { placeIn } from "../order.js";
import { copyButton, copyable } from "../../../ui/copy-button.js";
import { state } from "../../../ui/state.js";
import { tabBar } from "../../../ui/tabs.js";
import { isEditorLink } from "./editor-link.js";
import { Fields } from "./fields.js";
import { overview } from "./overview.js";
import { history, problem, raw } from "./file-tabs.js";
import { verdictMarkup } from "./verdict.js";
/** @import {Markup, TaskRecord} from "../../../lib/types.js" */
/** @import {Details, LookUp, Tab, TabName, TaskState} from "../types.js" */

/** @type {Record<TabName, (details: Details, fields: Fields, lookUp: LookUp, state: TaskState | null) => Markup>} */
const CONTENT = { overview, problem, raw, history, work: ({ task }) => html`<task-work data-task="${task.id}"><p class="waiting" role="status">Loading…</p></task-work>` };

/** The empty panel. */
export function frame() {
  const step = (/** @type {number} */ by, /** @type {string} */ label, /** @type {string} */ key, /** @type {string} */ name) =>
    html`<button type="button" class="button icon-button step" data-by="${by}" data-testid="task-${name}" aria-label="${label}" title="${label} (${key})">${icon("chevron")}</button>`;
  return html`<dialog class="dialog detail" data-testid="detail" autofocus aria-label="Task" aria-labelledby="detail-title">
    <div class="detail-bar" role="toolbar" aria-label="Task">
      <span class="steps" hidden>${step(-1, "Previous card", "k", "previous")}${step(1, "Next card", "j", "next")}<span class="detail-place" data-testid="task-place"></span></span>
      <span class="detail-acts"></span>
      <button type="button" class="button icon-button close" aria-label="Close task" title="Close (Esc)">${icon("close")}</button>
    </div>
    <p class="detail-notice" role="status" data-testid="detail-notice" hidden></p>
    <div class="sheet"></div>
  </dialog>`;
}

/**
 * What can be done with the task: copy its link and the path of its file, open it in an editor.
 * @param {Details} details
 * @param {string} link
 */
export function acts({ file_path: path, editor_url: editor }, link) {
  return html`${copyButton("link", "Copy link", link, "link")}${copyButton("file-path", "Copy path of the file", path, "copy")}${
    editor && isEditorLink(editor) ? html`<a class="button" href="${editor}" data-testid="open-editor" title="Open the file in your editor">${icon("edit")}Open in editor</a>` : null
  }`;
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
    { name: "work", label: "Calls and runs" },
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
 * @param {TaskState | null} state
 */
export function head(details, tabs, current, state) {
  const { task } = details;
  return html`<div class="detail-head">
      <p class="detail-marks">
        <span class="lane-mark" data-lane="${task.lane}">${sentenceCase(task.lane)}</span>${priorityMark(task.priority)}${agentMark(task.agent)}
        ${task.error ? html`<span class="broken">${icon("broken")}Broken file</span>` : null}
      </p>
      <h2 class="detail-title" id="detail-title" dir="auto">${task.title}</h2>
      <p class="detail-names">${copyable("id", task.id)}${copyable("path", task.path)}</p>
      ${verdictMarkup(details, state)}
      ${tabBar({ label: "Views of the task", tabs, prefix: "tab", panel: "tab-body", selected: current })}
    </div>
    <div class="tab-body" role="tabpanel" id="tab-body" aria-labelledby="tab-${current}" tabindex="0"></div>`;
}

/**
 * `{markup, fields}` of a tab; `fields.fill` has to be called once the markup is in place.
 * @param {TabName} tab
 * @param {Details} details
 * @param {LookUp} lookUp
 * @param {TaskState | null} state
 */
export function body(tab, details, lookUp, state) {
  const fields = new Fields();
  return { markup: CONTENT[tab](details, fields, lookUp, state), fields };
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

/**
 * Say which of the cards it is, and whether there are others before it and after it.
 * @param {HTMLElement} panel
 * @param {TaskRecord[][]} order
 * @param {{id: string, path: string | null}} shown
 */
export function showPlace(panel, order, { id, path }) {
  const { index, total, before, after } = placeIn(order, id, path);
  one(panel, ".steps").hidden = total === 0;
  const isThere = { "-1": before !== null, 1: after !== null };
  for (const [by, is] of Object.entries(isThere)) one(panel, `.step[data-by="${by}"]`).setAttribute("aria-disabled", String(!is));
  one(panel, ".detail-place").textContent = index < 0 ? `${count(total)} cards` : `${count(index + 1)} of ${count(total)}`;
}
