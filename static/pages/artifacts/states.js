/** What is shown instead of the page while there is nothing to browse. */
import { plural } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";

/** @import {Markup} from "../../lib/types.js" */

/** The service has not answered yet. */
export const connecting = () =>
  html`<div class="state"><span class="spinner" aria-hidden="true"></span><p>Connecting to the service…</p></div>`;

/** Watching artifacts is switched off. */
export const off = () =>
  html`<div class="state" data-testid="artifacts-off">${icon("folder")}
    <h2>Artifacts are not watched</h2>
    <p>The setting <code>artifacts</code> switches it on.</p></div>`;

/**
 * The first scan has begun and no project is complete enough to be shown.
 * @param {{files: number}} loading
 */
export const scanning = ({ files }) =>
  html`<div class="state" data-testid="artifacts-loading"><span class="spinner" aria-hidden="true"></span>
    <h2>Scanning the projects</h2>
    <p>${plural(files, "file")} so far</p></div>`;

/**
 * There is no project.
 * @param {{root: string}} place
 */
export const empty = ({ root }) =>
  html`<div class="state" data-testid="artifacts-empty">${icon("folder")}
    <h2>No projects yet</h2>
    <p>Each folder in the place below is a project. Write into one, or have your agents do it, and it appears here at once:</p>
    <pre><code>mkdir -p ${quoted(`${root}/hello`)}
echo '# Say hello' > ${quoted(`${root}/hello/spec.md`)}</code></pre>
    <p>Another place is set by <code>artifacts_dir</code>.</p></div>`;

/**
 * The address names a project that there is not.
 * @param {{name: string}} project
 */
export const unknown = ({ name }) =>
  html`<div class="state" data-testid="project-unknown">${icon("folder")}
    <h2>No such project</h2>
    <p>There is no <code>${name}</code> (any more).</p>
    <p><a href="#/artifacts">All projects</a></p></div>`;

/**
 * A message about a file in place of its content.
 * @param {{name?: string, sign?: string, title: string, text: string, more?: Markup | null}} message
 */
export const note = ({ name = "file-note", sign = "file", title, text, more = null }) =>
  html`<div class="state file-note" data-testid="${name}">${icon(sign)}<h3>${title}</h3><p>${text}</p>${more}</div>`;

/** @param {string} path */
function quoted(path) {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
