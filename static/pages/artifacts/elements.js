/** The elements of the artifacts page; loaded when it is first looked at. */
import * as artifactDiff from "./artifact-diff.js";
import * as artifactTree from "./artifact-tree.js";
import * as artifactViewer from "./artifact-viewer.js";
import * as artifactsPage from "./artifacts-page.js";
import * as finderBar from "./finder-bar.js";
import * as finderResults from "./finder-results.js";
import * as flowStrip from "./flow-strip.js";
import * as projectList from "./project-list.js";
import * as projectSummary from "./project-summary.js";
import * as projectView from "./project-view.js";

/** Make every element known to the browser. */
export function register() {
  // What stands inside of others comes first.
  for (const part of [artifactDiff, artifactTree, artifactViewer, finderBar, finderResults, flowStrip]) part.register();
  for (const part of [projectList, projectSummary, projectView, artifactsPage]) part.register();
}
