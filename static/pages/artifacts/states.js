/** What is shown instead of the page while there is nothing to browse. */
import { plural } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { state } from "../../ui/state.js";

/** @import {Markup} from "../../lib/types.js" */

/** Watching artifacts is switched off. */
export const off = () =>
  state({ name: "artifacts-off", sign: "folder", title: "Artifacts are not watched", text: html`The setting <code>artifacts</code> switches it on.` });

/**
 * The first scan has begun and no project is complete enough to be shown.
 * @param {{files: number}} loading
 */
export const scanning = ({ files }) =>
  state({ name: "artifacts-loading", isWaiting: true, title: "Scanning the projects", text: `${plural(files, "file")} so far` });

/**
 * There is no project.
 * @param {{root: string}} place
 */
export const empty = ({ root }) =>
  state({
    name: "artifacts-empty",
    sign: "folder",
    title: "No projects yet",
    text: "Each folder in the place below is a project. Write into one, or have your agents do it, and it appears here at once:",
    more: html`<pre tabindex="0" role="group" aria-label="For example"><code>mkdir -p ${quoted(`${root}/hello`)}
echo '# Say hello' > ${quoted(`${root}/hello/spec.md`)}</code></pre>
    <p>Another place is set by <code>artifacts_dir</code>.</p>`,
  });

/**
 * The address names a project that there is not.
 * @param {{name: string}} project
 */
export const unknown = ({ name }) =>
  state({
    name: "project-unknown",
    sign: "folder",
    title: "No such project",
    text: html`There is no project <code>${name}</code>. Its folder may have been removed or renamed.`,
    more: html`<p><a href="#/artifacts">All projects</a></p>`,
  });

/**
 * A message about a file in place of its content.
 * @param {{name?: string, sign?: string, title: string, text: string, more?: Markup | null, isPart?: boolean}} message
 */
export const note = ({ name = "file-note", sign = "file", title, text, more = null, isPart = true }) =>
  html`<div class="file-note">${state({ name, sign, title, text, more, isPart })}</div>`;

/** @param {string} path */
function quoted(path) {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
