/**
 * One project: its files on one side, the file that is open on the other. `setUp({artifacts, api})` joins it to the
 * service, `show(name, query)` shows what the address asks for, `hide()` ends that.
 */
import { define, emit, one } from "../../lib/dom.js";
import { setText } from "../../lib/hidden.js";
import { html, render } from "../../lib/html.js";
import { Levels } from "../../stores/levels.js";
import { parentOf } from "../../lib/paths.js";
import { projectFrame } from "./project-frame.js";
import { ProjectSearch } from "./project-search.js";
import { findAt, knownAt } from "./tree-lookup.js";
import { typeBar } from "./labels.js";

/** @import {ProjectChange} from "../../lib/types.js" */
/** @import {Artifacts} from "../../stores/artifacts.js" */
/** @import {Parts} from "./project-frame.js" */
/** @import {Api, FileOpen, PageQuery} from "./types.js" */

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
    render(this, projectFrame());
    this.#search = new ProjectSearch(api, this.#one("finder-bar"), this.#one("finder-results"));
    this.#one("artifact-viewer").setUp(api, (path) => findAt(this.#levels, path));
    this.addEventListener("file-open", (event) => this.#open(/** @type {CustomEvent<FileOpen>} */ (event).detail));
    this.addEventListener("file-moved", (event) => this.#moved(/** @type {CustomEvent<{project: string, path: string}>} */ (event).detail));
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
    if (change.isMoved) this.#one("artifact-viewer").follow();
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
    this.dataset.figures = project ? "known" : "none";
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
    const viewer = this.#one("artifact-viewer");
    const known = knownAt(levels, path);
    if (known === undefined && !levels.level(parentOf(path)) && viewer.isMissing) viewer.retry();
    else viewer.compare(known);
  }

  /** @param {FileOpen} file */
  #open({ path, line = null, column = null }) {
    this.#isRevealed = path; // where it was selected it is in view
    this.#go({ path, line: line === null ? "" : String(line), column: column === null ? "" : String(column), ...searchIn(this.#query) });
  }

  /**
   * The file that is open is elsewhere now.
   * @param {{project: string, path: string}} place
   */
  #moved({ project, path }) {
    this.#isRevealed = null;
    const { view, encoding } = this.#query;
    this.#go({ path, view, encoding, ...searchIn(this.#query) }, project);
  }

  #close() {
    this.#go(searchIn(this.#query));
    this.#focusRows();
  }

  /** @param {PageQuery} query */
  #go(query, project = this.#name) {
    const known = Object.fromEntries(Object.entries(query).filter(([, value]) => value));
    emit(this, "page-open", { page: "artifacts", item: project, query: known });
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
 * The part of a query that says what is searched for.
 * @param {PageQuery} query
 */
function searchIn({ q, in: where, type, regex, case: matchCase }) {
  return { q, in: where, type, regex, case: matchCase };
}
