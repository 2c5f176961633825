/** A project while no file of it is open: its figures, where to begin, what is left out, what happened just now. */
import { define, one } from "../../lib/dom.js";
import { clock, count, plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { Figures, figuresFrame } from "./figures.js";
import { typeBar, typeLegend } from "./labels.js";

/** @import {ChangeKind, Markup, Project, RecentChange} from "../../lib/types.js" */

const SHOWN = 30;
const ICONS = { created: "plus", updated: "edit", removed: "trash", batch: "activity" };
/** @type {Record<ChangeKind, string>} */
const VERBS = { created: "Created", updated: "Written", removed: "Removed" };
/** @type {ChangeKind[]} */
const KINDS = ["created", "updated", "removed"];

export class ProjectSummary extends HTMLElement {
  /** @type {Figures | null} */
  #figures = null;
  /** @type {string | null} */
  #name = null;
  /** @type {Record<string, string>} */
  #shownText = {};

  /**
   * Show a project and what happened in it: entries of stores/artifacts.js, newest first.
   * @param {Project} project
   * @param {RecentChange[]} recent
   */
  show(project, recent) {
    if (this.#name !== project.name) this.#begin(project);
    this.#figures?.show(project);
    const { name, by_type: byType, ignored, changed_at: changed, root_mode: mode } = project;
    this.#part(".types", html`${typeBar(byType)}${typeLegend(byType)}`);
    this.#part(".changed", html`${changed ? html`changed ${timeAgo(changed)}` : null}`);
    this.#part(".left-out", html`${ignored.length ? leftOut(ignored) : null}`);
    this.#part(".watching", html`${mode === "polling" ? html`${icon("alert")}Checked from time to time instead of watched: changes show up later.` : null}`);
    const mine = recent.filter((entry) => entry.project === name).slice(0, SHOWN);
    this.#part(".recent", mine.length ? html`${mine.map((entry) => happened(name, entry))}` : html`<li class="hint">Nothing since this page was opened. Changes show up here as they happen.</li>`);
  }

  /** @param {Project} project */
  #begin({ name }) {
    this.#name = name;
    this.#shownText = {};
    render(this, frame(name));
    this.#figures = new Figures(this);
  }

  /**
   * @param {string} selector
   * @param {Markup} markup
   */
  #part(selector, markup) {
    if (this.#shownText[selector] === markup.text) return;
    this.#shownText[selector] = markup.text;
    render(one(this, selector), markup);
  }
}

/** Make the element known. */
export function register() {
  define("project-summary", ProjectSummary);
}

/** @param {string[]} paths */
function leftOut(paths) {
  return html`<details class="fold"><summary>${plural(paths.length, "folder")}${paths.length >= 50 ? " and more" : ""} left out as ignored</summary>
    <ul class="paths">${paths.map((path) => html`<li>${icon("folder")}<code>${path}</code></li>`)}</ul></details>`;
}

/**
 * @param {string} project
 * @param {RecentChange} entry
 */
function happened(project, entry) {
  const when = html`<time class="at" datetime="${entry.time}" title="${entry.time}">${clock(entry.time)}</time>`;
  if (entry.kind) {
    const name = html`<span class="entry-path" dir="auto">${entry.path}</span>`;
    const link = html`<a href="${address({ page: "artifacts", item: project, query: { path: entry.path } })}">${name}</a>`;
    return html`<li data-kind="${entry.kind}" data-testid="recent">${icon(ICONS[entry.kind])}<span class="entry-text">${VERBS[entry.kind]} ${entry.kind === "removed" ? name : link}</span>${when}</li>`;
  }
  const parts = KINDS.filter((kind) => entry[kind] > 0).map((kind) => `${count(entry[kind])} ${kind}`);
  return html`<li data-kind="batch" data-testid="recent">${icon(ICONS.batch)}<span class="entry-text">${parts.join(", ")}</span>${when}</li>`;
}

/** @param {string} name */
function frame(name) {
  return html`<div class="summary" data-testid="summary">
    <header class="summary-head"><h2 dir="auto">${name}</h2><span class="changed hint"></span></header>
    ${figuresFrame()}
    <div class="types"></div>
    <p class="watching hint"></p>
    <section><h3>Just now</h3><ul class="recent" data-testid="recent-list"></ul></section>
    <div class="left-out"></div>
  </div>`;
}
