/** What a project's view is made of. */
import { html } from "../../lib/html.js";

/**
 * The elements in it.
 * @typedef {object} Parts
 * @property {import("./artifact-tree.js").ArtifactTree} artifact-tree
 * @property {import("./artifact-viewer.js").ArtifactViewer} artifact-viewer
 * @property {import("./finder-bar.js").FinderBar} finder-bar
 * @property {import("./finder-results.js").FinderResults} finder-results
 * @property {import("./flow-strip.js").FlowStrip} flow-strip
 * @property {import("./project-summary.js").ProjectSummary} project-summary
 */

/** The files on one side, the file that is open on the other. */
export function projectFrame() {
  return html`<div class="project">
    <aside class="files-side" aria-label="Files">
      <header class="crumbs"><a href="#/artifacts" data-testid="all-projects">Artifacts</a><span aria-hidden="true">/</span><strong class="crumb-name" dir="auto"></strong></header>
      <div class="crumb-bar"></div>
      <finder-bar></finder-bar>
      <flow-strip></flow-strip>
      <artifact-tree></artifact-tree>
      <finder-results hidden></finder-results>
    </aside>
    <section class="file-side" aria-label="File">
      <project-summary></project-summary>
      <artifact-viewer hidden></artifact-viewer>
    </section>
  </div>`;
}
