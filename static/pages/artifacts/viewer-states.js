/** What the viewer shows where there is no file to show. */
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { extent, fileIcon } from "./labels.js";
import { note } from "./states.js";

/** @import {LevelPage} from "../../lib/types.js" */
/** @typedef {{project: string, path: string}} Place */

const BACK = html`<p><button type="button" class="button to-files">To the files</button></p>`;

/**
 * Nothing is at the path.
 * @param {Place} place
 */
export function missing({ path }) {
  const text = `${path} was removed or renamed, or it is left out as ignored.`;
  return html`<div class="file-body">${note({ name: "file-missing", title: "There is no such file", text, more: BACK, isPart: false })}</div>`;
}

/**
 * It could not be read.
 * @param {Error} error
 */
export function failed({ message }) {
  return note({ name: "file-problem", sign: "alert", title: "The file cannot be shown", text: message, isPart: false });
}

/**
 * A folder, which a link in a document may lead to: what is in it.
 * @param {Place} place
 * @param {Pick<LevelPage, "folders" | "files">} level
 */
export function folder({ project, path }, { folders, files }) {
  const to = (/** @type {string} */ target) => address({ page: "artifacts", item: project, query: { path: target } });
  return html`<header class="file-head"><div class="file-title"><button type="button" class="button icon-button to-files back" aria-label="Back to the files" title="Back to the files">${icon("back")}</button><h2 title="${path}">${icon("folder")}<span class="file-path">${path}/</span></h2></div></header>
    <div class="file-body"><ul class="folder-list" data-testid="folder">
      ${folders.map((each) => html`<li><a href="${to(each.path)}">${icon("folder")}<span dir="auto">${each.name}/</span></a></li>`)}
      ${files.map((each) => html`<li><a href="${to(each.path)}">${fileIcon(each)}<span dir="auto">${each.name}</span></a><span class="row-figure">${extent(each)}</span></li>`)}
    </ul></div>`;
}
