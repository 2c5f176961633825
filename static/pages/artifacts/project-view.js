/**
 * One project: its files on one side, the file that is open on the other. `setUp({artifacts, api})` joins it to the
 * service, `show(name, query)` shows what the address asks for, `hide()` ends that.
 */
import { define, emit, one } from "../../lib/dom.js";
import { setText } from "../../lib/hidden.js";
import { html, render } from "../../lib/html.js";
import { Levels } from "../../stores/levels.js";
import { parentOf } from "../../lib/paths.js";
import { ProjectSearch } from "./project-search.js";
import { typeBar } from "./labels.js";

/** @import {ProjectChange} from "../../lib/types.js" */
/** @import {Artifacts} from "../../stores/artifacts.js" */
/** @import {Api, FileOpen, PageQuery} from "./types.js" */

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

export class ProjectView extends HTMLElement {
  /** @type {Artifacts} */
  #artifacts = /** @type {any} */ (null); // this and the next two: from `setUp` on
  /** @type {Api} */
  #api = /** @type {any} */ (null);
  /** @type {ProjectSearch} */
  #search = /** @type {any} */ (null);
  /** @type {Levels | null} */
  #levels = null;
  #name = "";
  /** @type {PageQuery} */
  #query = {};
  #bar = ""; // as it was last drawn
  /** @type {string | null} */
  #isRevealed = null; // the path that was last brought into view

  /**
   * `artifacts` is the store, `api` are the calls of api.js.
   * @param {{artifacts: Artifacts, api: Api}} service
   */
  setUp({ artifacts, api }) {
    this.#artifacts = artifacts;
    this.#api = api;
    render(this, frame());
    this.#search = new ProjectSearch(api, this.#one("finder-bar"), this.#one("finder-results"));
    this.#one("artifact-viewer").setUp(api, async (path) => (await this.#levels?.reveal(path)) ?? null);
    this.addEventListener("file-open", (event) => this.#open(/** @type {CustomEvent<FileOpen>} */ (event).detail));
    this.addEventListener("files-show", () => this.#close());
    this.addEventListener("search-cancel", () => this.#search.cancel());
    this.addEventListener("results-focus", () => this.#focusRows());
    this.addEventListener("search-focus", () => this.focusSearch());
  }

  /**
   * Show a project as the query of the address says.
   * @param {string} name
   * @param {PageQuery} query
   */
  show(name, query) {
    const levels = name === this.#name && this.#levels ? this.#levels : this.#begin(name);
    this.#query = query;
    levels.isSeen = true;
    this.#one("finder-bar").query = query;
    const isSearching = this.#search.want(name, query);
    this.#one("artifact-tree").hidden = isSearching;
    this.#one("finder-results").hidden = !isSearching;
    this.#one("flow-strip").hidden = isSearching;
    const path = query.path ?? null;
    this.dataset.pane = path === null ? "files" : "file";
    this.#one("finder-results").open = { path, line: query.line };
    this.#showFile(path);
    this.draw();
  }

  /** It is hidden. */
  hide() {
    if (!this.#levels) return;
    this.#levels.isSeen = false;
    this.#search.cancel();
    this.#one("artifact-viewer").close(); // a hidden file is not marked as seen
  }

  /**
   * What happened in it.
   * @param {ProjectChange} change
   */
  take(change) {
    this.#levels?.take(change);
    this.#search.refresh();
  }

  /** The service was asked anew for everything. */
  refresh() {
    this.#levels?.refresh();
    this.#search.refresh();
    this.#one("artifact-viewer").retry();
  }

  /** Show the project's figures as they are now. */
  draw() {
    const project = this.#artifacts.projects.get(this.#name);
    if (!project) return;
    this.#one("artifact-tree").ignored = project.ignored;
    if (!this.#query.q && !this.#query.type) this.#one("finder-bar").counts = project.by_type;
    this.#one("flow-strip").show(project, this.#query.path);
    const bar = typeBar(project.by_type);
    if (bar.text !== this.#bar) render(one(this, ".crumb-bar"), bar);
    this.#bar = bar.text;
    if (this.dataset.pane === "files") this.#one("project-summary").show(project, this.#artifacts.recent);
  }

  /** Go to the field of the search. */
  focusSearch() {
    this.#one("finder-bar").focusSearch();
  }

  /**
   * @template {keyof Parts} Name
   * @param {Name} name
   * @returns {Parts[Name]}
   */
  #one(name) {
    return one(this, name);
  }

  /** @param {string} name */
  #begin(name) {
    if (this.#levels) this.#levels.isSeen = false;
    this.#name = name;
    this.#isRevealed = null;
    this.#one("artifact-viewer").close();
    const levels = new Levels((wanted) => this.#api.getLevel(name, wanted));
    this.#levels = levels;
    this.#one("artifact-tree").follow(levels, `Files of ${name}`);
    setText(one(this, ".crumb-name"), name);
    levels.addEventListener("change", () => levels === this.#levels && this.#compare(levels));
    levels.unfold("");
    return levels;
  }

  /** @param {string | null} path */
  async #showFile(path) {
    const [viewer, tree] = [this.#one("artifact-viewer"), this.#one("artifact-tree")];
    viewer.hidden = path === null;
    this.#one("project-summary").hidden = path !== null;
    tree.selected = path;
    if (path === null) return viewer.close();
    await viewer.show({ project: this.#name, path, query: this.#query });
    if (this.#isRevealed === path || this.#query.path !== path) return;
    this.#isRevealed = path;
    tree.reveal();
  }

  /**
   * What the tree knows of the file that is open, for the viewer.
   * @param {Levels} levels
   */
  #compare(levels) {
    const { path } = this.#query;
    if (!path) return;
    const level = levels.level(parentOf(path));
    const isSure = level?.isKnown && !level.pending && !level.isStale && !level.cursor;
    const isGone = isSure || isFolderGone(levels, parentOf(path));
    const viewer = this.#one("artifact-viewer");
    if (!level && !isGone && viewer.isMissing) viewer.retry();
    else viewer.compare(levels.file(path) ?? (isGone ? null : undefined));
  }

  /** @param {FileOpen} file */
  #open({ path, line = null }) {
    this.#isRevealed = path; // where it was selected it is in view
    this.#go({ path, line: line === null ? "" : String(line), ...searchIn(this.#query) });
  }

  #close() {
    this.#go(searchIn(this.#query));
    this.#focusRows();
  }

  /** @param {PageQuery} query */
  #go(query) {
    const known = Object.fromEntries(Object.entries(query).filter(([, value]) => value));
    emit(this, "page-open", { page: "artifacts", item: this.#name, query: known });
  }

  #focusRows() {
    const isSearching = !this.#one("finder-results").hidden;
    this.#one(isSearching ? "finder-results" : "artifact-tree").focusRow();
  }
}

/** Make the element known. */
export function register() {
  define("project-view", ProjectView);
}

/**
 * True if the tree knows that a folder is not there.
 * @param {Levels} levels
 * @param {string} path
 * @returns {boolean}
 */
function isFolderGone(levels, path) {
  if (path === "") return false;
  const above = levels.level(parentOf(path));
  if (!above) return isFolderGone(levels, parentOf(path));
  if (!above.isKnown || above.pending || above.isStale || above.cursor) return false;
  return !above.folders.some((folder) => folder.path === path);
}

/**
 * The part of a query that says what is searched for.
 * @param {PageQuery} query
 */
function searchIn({ q, in: where, type, regex, case: matchCase }) {
  return { q, in: where, type, regex, case: matchCase };
}

function frame() {
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
