/**
 * The page of artifacts: all projects, or one of them. `setUp({artifacts, api})` joins it to the live projects and the
 * service, `show(project, query)` shows what the address asks for, `hide()` lets it rest.
 */
import { define } from "../../lib/dom.js";
import { atMostEvery, oncePerFrame } from "../../lib/schedule.js";
import { html, render } from "../../lib/html.js";
import { connecting, empty, looking, off, unknown } from "./states.js";

const DRAW_MS = 120;
const AGE_MS = 10_000;
const CORRECT_MS = 30_000;

export class ArtifactsPage extends HTMLElement {
  #artifacts;
  #api;
  #project = null;
  #query = {};
  #isShown = false;
  #root = null; // where projects lie
  #stateShown = null;
  #shown = null; // what the project's view was last asked to show
  #draw = atMostEvery(DRAW_MS, oncePerFrame(() => this.#drawNow()));

  /** `artifacts` is live/artifacts.js, `api` live/artifact-api.js. */
  setUp({ artifacts, api }) {
    this.#artifacts = artifacts;
    this.#api = api;
    render(this, frame());
    this.#view.setUp({ artifacts, api });
    artifacts.addEventListener("projects", () => this.#draw());
    artifacts.addEventListener("change", ({ detail }) => this.#changed(detail));
    artifacts.addEventListener("reset", () => this.#reset());
    setInterval(() => this.#isShown && this.#grow(), AGE_MS);
    setInterval(() => this.#isShown && !document.hidden && this.#correct(), CORRECT_MS);
  }

  /** Show all projects, or one by its name. */
  show(project, query) {
    this.#project = project;
    this.#query = query;
    const isNew = !this.#isShown;
    this.#isShown = true;
    this.#drawNow();
    if (isNew) this.#correct();
  }

  /** It is not to be seen: ask for nothing. */
  hide() {
    this.#isShown = false;
    this.#shown = null;
    this.#view.hide();
  }

  /** Whether the connection is there: without it, what is shown may be old. */
  set isOnline(isOnline) {
    this.querySelector(".artifacts-lost").hidden = isOnline;
    if (isOnline && this.#isShown) this.#view.refresh();
  }

  /** Go to the field of the search. */
  focusSearch() {
    if (!this.#view.hidden) this.#view.focusSearch();
    else this.querySelector("project-list input")?.focus();
  }

  get #view() {
    return this.querySelector("project-view");
  }

  #changed(changes) {
    const change = changes.get(this.#project);
    if (change) this.#view.take(change);
  }

  #reset() {
    this.#correct();
    if (this.#isShown) this.#view.refresh();
  }

  #grow() {
    this.querySelector("project-list").grow();
    if (!this.#view.hidden) this.#view.grow();
  }

  /** Ask for what no event tells: where projects lie, and figures that go down by themselves. */
  async #correct() {
    if (!this.#isShown || !this.#artifacts.isKnown) return;
    try {
      const { projects, root } = await this.#api.getProjects();
      this.#root = root.path;
      this.#artifacts.correct(projects);
    } catch {
      // The figures stay as they were told.
    }
  }

  #drawNow() {
    if (!this.#isShown) return;
    const { projects, loading, files } = this.#artifacts;
    const state = this.#state();
    this.querySelector(".artifacts-state").hidden = state === null;
    if (state !== null && state.text !== this.#stateShown) render(this.querySelector(".artifacts-state"), state);
    this.#stateShown = state?.text ?? null;
    const list = this.querySelector("project-list");
    list.hidden = state !== null || this.#project !== null;
    this.#showProject(state === null && this.#project !== null);
    if (!list.hidden) list.show([...projects.values()].sort(byName), { files, loading });
  }

  #showProject(isShown) {
    this.#view.hidden = !isShown;
    const asked = isShown ? JSON.stringify([this.#project, this.#query]) : null;
    if (asked === this.#shown) return void (isShown && this.#view.draw());
    this.#shown = asked;
    if (isShown) this.#view.show(this.#project, this.#query);
    else this.#view.hide();
  }

  #state() {
    const { isAsked, isKnown, projects, loading, files } = this.#artifacts;
    if (!isAsked) return connecting();
    if (!isKnown) return off();
    if (this.#project !== null && projects.has(this.#project)) return null;
    if (loading && (this.#project !== null || projects.size === 0)) return looking({ files });
    if (projects.size === 0) return empty({ root: this.#root ?? "work/generated_projects" });
    return this.#project === null ? null : unknown({ name: this.#project });
  }
}

/** Make the element known. */
export function register() {
  define("artifacts-page", ArtifactsPage);
}

function byName(a, b) {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function frame() {
  return html`<p class="artifacts-lost notice" role="status" data-testid="artifacts-lost" hidden>The connection to the service is lost. What you see may be old.</p>
    <div class="artifacts-state" hidden></div>
    <project-list hidden></project-list>
    <project-view hidden></project-view>`;
}
