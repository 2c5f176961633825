/** All projects, each with its figures. `show(projects, {files, loading})`. */
import { define, keyed, wantsCalm } from "../../lib/dom.js";
import { count, plural } from "../../lib/format.js";
import { element, html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { Figures, figuresFrame } from "./figures.js";
import { ago, refreshAges, inFlow, typeBar, typeLegend } from "./labels.js";

const FILTER_FROM = 9;

export class ProjectList extends HTMLElement {
  #projects = [];

  connectedCallback() {
    render(this, frame());
    this.querySelector("input").addEventListener("input", () => this.#draw());
  }

  /** Show these projects; `loading` while the service still finds files. */
  show(projects, { files, loading }) {
    this.#projects = projects;
    this.querySelector(".list-sum").textContent = `${plural(projects.length, "project")}, ${plural(files, "file")}`;
    const progress = this.querySelector(".list-loading");
    progress.hidden = !loading;
    if (loading) progress.querySelector("span").textContent = `Still looking: ${plural(files, "file")} so far`;
    this.querySelector(".list-filter").hidden = projects.length < FILTER_FROM;
    this.#draw();
  }

  /** Update the ages. */
  refreshAges() {
    refreshAges(this);
  }

  #draw() {
    const wanted = this.querySelector("input").value.trim().toLowerCase();
    const shown = this.#projects.filter(({ name }) => name.toLowerCase().includes(wanted));
    this.querySelector(".nothing").hidden = shown.length > 0;
    keyed(this.querySelector(".project-cards"), shown, ({ name }) => name, card, fill);
  }
}

/** Make the element known. */
export function register() {
  define("project-list", ProjectList);
}

function card({ name }) {
  const item = element(html`<li class="project-card" data-testid="project" data-project="${name}">
    <header><h3>${icon("folder")}<a href="${address({ page: "artifacts", item: name })}" dir="auto">${name}</a></h3><span class="changed"></span></header>
    ${figuresFrame()}
    <div class="types"></div>
    <ul class="flow"></ul>
    <p class="remark" hidden></p>
  </li>`);
  item.figures = new Figures(item);
  return item;
}

function fill(item, project) {
  if (item.shown === project) return;
  const isChanged = item.shown && item.shown.changed_at !== project.changed_at;
  item.shown = project;
  item.figures.show(project);
  render(item.querySelector(".changed"), html`${ago(project.changed_at)}`);
  const types = JSON.stringify(project.by_type);
  if (item.types !== types) render(item.querySelector(".types"), html`${typeBar(project.by_type)}${typeLegend(project.by_type)}`);
  item.types = types;
  const flow = project.workflow.join("\n");
  if (item.flow !== flow) render(item.querySelector(".flow"), html`${flowLinks(project)}`);
  item.flow = flow;
  const remark = remarkOf(project);
  item.querySelector(".remark").hidden = remark === "";
  item.querySelector(".remark").textContent = remark;
  if (isChanged) pulse(item);
}

/** What a project says about itself that a reader has to know. */
function remarkOf({ root_mode: mode, ignored, uncounted }) {
  return [
    mode === "polling" && "Checked from time to time instead of watched: changes show up later.",
    uncounted > 0 && `The lines of ${count(uncounted)} files are being counted.`,
    ignored.length > 0 && `${plural(ignored.length, "folder")}${ignored.length >= 50 ? " and more" : ""} left out as ignored.`,
  ]
    .filter(Boolean)
    .join(" ");
}

function flowLinks({ name, workflow }) {
  return inFlow(workflow)
    .slice(0, 6)
    .map((path) => html`<li><a class="chip" href="${address({ page: "artifacts", item: name, query: { path } })}">${icon("text")}${path}</a></li>`);
}

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
