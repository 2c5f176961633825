/** Versions and licences of the dashboard and of what it consists of. */
import { define } from "../../lib/dom.js";
import { plural } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { getJson } from "../../live/http.js";
import { panel } from "../../ui/panel.js";
import { connecting } from "../../ui/state.js";
import { refused } from "./refused.js";
/** @import {About, Library} from "./types.js" */

export const tag = "about-view";

class AboutView extends HTMLElement {
  async show() {
    if (!this.querySelector("table")) render(this, connecting());
    try {
      const body = await getJson("/api/about");
      if (!this.querySelector("table")) render(this, view(body));
    } catch (error) {
      render(this, refused("Versions and licences", /** @type {Error} */ (error)));
    }
  }

  hide() {}
}

/** Make the element known. */
export function register() {
  define(tag, AboutView);
}

/** @param {About} about */
function view({ version, licence, python, sqlite, system, libraries }) {
  const ofKind = (/** @type {Library["kind"]} */ kind) => libraries.filter((library) => library.kind === kind);
  return html`${panel({
    name: "about",
    title: "llm-service",
    body: html`<dl class="facts"><dt>Version</dt><dd>${version}</dd><dt>Licence</dt><dd>${licence}</dd><dt>Python</dt><dd>${python}</dd><dt>SQLite</dt><dd>${sqlite}</dd><dt>System</dt><dd>${system}</dd></dl>`,
  })}
  ${table("page-libraries", "Libraries in the page", ofKind("page"))}${table("python-libraries", "Python packages", ofKind("python"))}`;
}

/**
 * @param {string} name
 * @param {string} title
 * @param {Library[]} libraries
 */
function table(name, title, libraries) {
  const rows = libraries.map(({ name: library, version, licence }) => html`<tr data-testid="library"><th scope="row">${library}</th><td>${version}</td><td>${licence ?? html`<em>not stated</em>`}</td></tr>`);
  return panel({
    name,
    title,
    note: plural(libraries.length, "library", "libraries"),
    body: html`<div class="table-box" tabindex="0" role="region" aria-label="${title}"><table class="libraries"><thead><tr><th scope="col">Name</th><th scope="col">Version</th><th scope="col">Licence</th></tr></thead><tbody>${rows}</tbody></table></div>`,
  });
}
