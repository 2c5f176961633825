/** The page of artifacts: all projects, or one of them. */
import { define, emit, one } from "../../lib/dom.js";
import { atMostEvery, effect, oncePerFrame } from "../../lib/signals.js";
import { html, render } from "../../lib/html.js";
import * as api from "./api.js";
import * as artifactTree from "./artifact-tree.js";
import * as artifactViewer from "./artifact-viewer.js";
import * as finderBar from "./finder-bar.js";
import * as finderResults from "./finder-results.js";
import * as flowStrip from "./flow-strip.js";
import * as projectList from "./project-list.js";
import * as projectSummary from "./project-summary.js";
import * as projectView from "./project-view.js";
import { connecting, refusal } from "../../ui/state.js";
import { empty, off, scanning, unknown } from "./states.js";

/** @import {Dashboard, Markup, Project, ProjectChange, Route} from "../../lib/types.js" */
/** @import {Artifacts} from "../../stores/artifacts.js" */
/** @import {PageQuery} from "./types.js" */

export const tag = "artifacts-page";

const DRAW_MS = 120;
const CORRECT_MS = 30_000;
const OUTSIDE = "(workspace)"; // what tasks claim outside the projects: shown like a project, which no event is about
const LOST = new Set(["reconnecting", "offline"]);

export class ArtifactsPage extends HTMLElement {
  /** @type {Artifacts} */
  #artifacts = /** @type {any} */ (null); // from `setUp` on
  /** @type {string | null} */
  #project = null;
  /** @type {PageQuery} */
  #query = {};
  #isShown = false;
  #isOnline = true;
  /** @type {string | null} */
  #root = null; // the folder of the projects
  /** @type {string | null} */
  #stateShown = null;
  /** @type {string | null} */
  #shown = null; // what the project's view was last asked to show
  #draw = atMostEvery(DRAW_MS, oncePerFrame(() => this.#drawNow()));

  /**
   * Join it to the stores and the service.
   * @param {Dashboard} dashboard
   */
  setUp({ stores, status }) {
    const artifacts = stores.get("artifacts");
    this.#artifacts = artifacts;
    render(this, frame());
    this.#view.setUp({ artifacts, api });
    effect(() => {
      artifacts.revision.value;
      this.#draw();
    });
    artifacts.addEventListener("change", ({ detail }) => this.#changed(detail));
    artifacts.addEventListener("reset", () => this.#reset());
    effect(() => (this.isOnline = !LOST.has(status.value.state)));
    setInterval(() => this.#isShown && !document.hidden && this.#correct(), CORRECT_MS);
  }

  /**
   * Show all projects, or one by its name.
   * @param {Route} route
   */
  show({ item, query }) {
    this.#project = item;
    this.#query = query;
    const isNew = !this.#isShown;
    this.#isShown = true;
    this.#drawNow();
    if (isNew) this.#correct();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#isShown = false;
    this.#shown = null;
    this.#view.hide();
  }

  /**
   * Whether the connection is there: without it, what is shown may be old.
   * @param {boolean} isOnline
   */
  set isOnline(isOnline) {
    const isBack = isOnline && !this.#isOnline;
    this.#isOnline = isOnline;
    one(this, ".artifacts-lost").hidden = isOnline;
    if (isBack && this.#isShown) this.#view.refresh();
  }

  /** @returns {projectView.ProjectView} */
  get #view() {
    return one(this, "project-view");
  }

  /** @returns {projectList.ProjectList} */
  get #list() {
    return one(this, "project-list");
  }

  /** @param {Map<string, ProjectChange>} changes */
  #changed(changes) {
    const change = changes.get(this.#project ?? "");
    if (!change) return;
    this.#view.take(change);
    if (change.isMoved) this.#followProject();
  }

  /** The project may have another name now. */
  async #followProject() {
    const [name, { path }] = [this.#project, this.#query];
    if (!this.#isShown || name === null || !path || this.#artifacts.projects.has(name)) return;
    const moved = await api.getMoved(name, path).catch(() => null); // it may be gone
    if (moved && this.#project === name) emit(this, "page-open", { page: "artifacts", item: moved.project, query: { path: moved.path } });
  }

  #reset() {
    this.#correct();
    if (this.#isShown) this.#view.refresh();
  }

  /** Ask for what no event reports: the folder of the projects, and figures that go down by themselves. */
  async #correct() {
    if (!this.#isShown || !this.#artifacts.isKnown) return;
    try {
      const { projects, root } = await api.getProjects();
      this.#root = root.path;
      this.#artifacts.correct(projects);
    } catch {
      // The figures stay as they were.
    }
  }

  #drawNow() {
    if (!this.#isShown) return;
    const { projects, loading, files } = this.#artifacts;
    const state = this.#state();
    const place = one(this, ".artifacts-state");
    place.hidden = state === null;
    if (state !== null && state.text !== this.#stateShown) {
      render(place, state);
      this.#followProject();
    }
    this.#stateShown = state?.text ?? null;
    const list = this.#list;
    list.hidden = state !== null || this.#project !== null;
    this.#showProject(state === null ? this.#project : null);
    if (!list.hidden) list.show([...projects.values()].sort(byName), { files, loading });
  }

  /** @param {string | null} name */
  #showProject(name) {
    this.#view.hidden = name === null;
    const asked = name === null ? null : JSON.stringify([name, this.#query]);
    if (asked === this.#shown) return void (name !== null && this.#view.draw());
    this.#shown = asked;
    if (name === null) this.#view.hide();
    else this.#view.show(name, this.#query);
  }

  /** @returns {Markup | null} */
  #state() {
    const { isAsked, isKnown, projects, loading, files, unfilled } = this.#artifacts;
    if (!isAsked) return unfilled ? refusal("artifacts-failed", "The artifacts cannot be shown", unfilled) : connecting();
    if (!isKnown) return off();
    if (this.#project !== null && (projects.has(this.#project) || this.#project === OUTSIDE)) return null;
    if (loading && (this.#project !== null || projects.size === 0)) return scanning({ files });
    if (projects.size === 0) return empty({ root: this.#root ?? "work/generated_projects" });
    return this.#project === null ? null : unknown({ name: this.#project });
  }
}

/** Make the elements of the page known. */
export function register() {
  // What is inside of others comes first.
  for (const part of [artifactTree, artifactViewer, finderBar, finderResults]) part.register();
  for (const part of [flowStrip, projectList, projectSummary, projectView]) part.register();
  define(tag, ArtifactsPage);
}

/**
 * @param {Project} a
 * @param {Project} b
 */
function byName(a, b) {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function frame() {
  return html`<p class="artifacts-lost notice" role="status" data-testid="artifacts-lost" hidden>The connection to the service is lost. What you see may be old.</p>
    <div class="artifacts-state" hidden></div>
    <project-list hidden></project-list>
    <project-view hidden></project-view>`;
}
