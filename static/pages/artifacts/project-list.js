/** All projects, each with its figures. `show(projects, {files, loading})`. */
import { define, keyed, one, wantsCalm } from "../../lib/dom.js";
import { count, plural } from "../../lib/format.js";
import { element, html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { Figures, figuresFrame } from "./figures.js";
import { inFlow, typeBar, typeLegend } from "./labels.js";

/** @import {ArtifactsLoading, Project} from "../../lib/types.js" */
/** @typedef {HTMLElement & {figures: Figures, shown?: Project, types?: string, flow?: string}} Card */

const FILTER_FROM = 9;

export class ProjectList extends HTMLElement {
  /** @type {Project[]} */
  #projects = [];

  connectedCallback() {
    render(this, frame());
    this.#input.addEventListener("input", () => this.#draw());
  }

  /**
   * Show these projects; `loading` while the service still finds files.
   * @param {Project[]} projects
   * @param {{files: number, loading: ArtifactsLoading | null}} sums
   */
  show(projects, { files, loading }) {
    this.#projects = projects;
    one(this, ".list-sum").textContent = `${plural(projects.length, "project")}, ${plural(files, "file")}`;
    const progress = one(this, ".list-loading");
    progress.hidden = !loading;
    if (loading) one(progress, "span").textContent = `Still scanning: ${plural(files, "file")} so far`;
    one(this, ".list-filter").hidden = projects.length < FILTER_FROM;
    this.#draw();
  }

  /** @returns {HTMLInputElement} */
  get #input() {
    return one(this, "input");
  }

  #draw() {
    const wanted = this.#input.value.trim().toLowerCase();
    const shown = this.#projects.filter(({ name }) => name.toLowerCase().includes(wanted));
    one(this, ".nothing").hidden = shown.length > 0;
    keyed(one(this, ".project-cards"), shown, ({ name }) => name, card, fill);
  }
}

/** Make the element known. */
export function register() {
  define("project-list", ProjectList);
}

/**
 * @param {Project} project
 * @returns {Card}
 */
function card({ name }) {
  const item = element(html`<li class="project-card" data-testid="project" data-project="${name}">
    <header><h3>${icon("folder")}<a href="${address({ page: "artifacts", item: name })}" dir="auto">${name}</a></h3><span class="changed"></span></header>
    ${figuresFrame()}
    <div class="types"></div>
    <ul class="flow"></ul>
    <p class="remark" hidden></p>
  </li>`);
  return Object.assign(item, { figures: new Figures(item) });
}

/**
 * @param {Card} item
 * @param {Project} project
 */
function fill(item, project) {
  if (item.shown === project) return;
  const isChanged = item.shown && item.shown.changed_at !== project.changed_at;
  item.shown = project;
  item.figures.show(project);
  render(one(item, ".changed"), html`${timeAgo(project.changed_at)}`);
  const types = JSON.stringify(project.by_type);
  if (item.types !== types) render(one(item, ".types"), html`${typeBar(project.by_type)}${typeLegend(project.by_type)}`);
  item.types = types;
  const flow = project.workflow.join("\n");
  if (item.flow !== flow) render(one(item, ".flow"), html`${flowLinks(project)}`);
  item.flow = flow;
  const remark = one(item, ".remark");
  remark.textContent = remarkOf(project);
  remark.hidden = remark.textContent === "";
  if (isChanged) pulse(item);
}

/**
 * What a reader has to know about how a project is watched.
 * @param {Project} project
 */
function remarkOf({ root_mode: mode, ignored, uncounted }) {
  return [
    mode === "polling" && "Checked from time to time instead of watched: changes show up later.",
    uncounted > 0 && `The lines of ${count(uncounted)} files are being counted.`,
    ignored.length > 0 && `${plural(ignored.length, "folder")}${ignored.length >= 50 ? " and more" : ""} left out as ignored.`,
  ]
    .filter(Boolean)
    .join(" ");
}

/** @param {Project} project */
function flowLinks({ name, workflow }) {
  return inFlow(workflow)
    .slice(0, 6)
    .map((path) => html`<li><a class="chip" href="${address({ page: "artifacts", item: name, query: { path } })}">${icon("text")}${path}</a></li>`);
}

/** @param {HTMLElement} item */
function pulse(item) {
  if (wantsCalm()) return;
  const edge = "var(--accent)";
  item.animate({ borderColor: [edge, edge, "var(--border)"] }, { duration: 1_200, easing: "ease-out" });
}

function frame() {
  return html`<section class="projects" aria-labelledby="projects-title">
    <header class="projects-head">
      <h2 id="projects-title">Artifacts</h2>
      <p class="list-sum" data-testid="projects-sum"></p>
      <p class="list-loading" role="status" data-testid="artifacts-loading" hidden><i class="spinner" aria-hidden="true"></i><span></span></p>
      <label class="list-filter" hidden><span class="off-screen">Filter projects</span><input type="search" placeholder="Filter projects" data-testid="project-filter" /></label>
    </header>
    <ul class="project-cards" role="list"></ul>
    <p class="nothing" hidden>No project of that name.</p>
  </section>`;
}
