/** The files by which a project is made, spec, plan and tasks: each a step away, wherever in the tree one is. */
import { define } from "../../lib/dom.js";
import { html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { inFlow } from "./labels.js";

/** @import {Project} from "../../lib/types.js" */

/** @type {Record<string, string>} */
const NAMES = { spec: "Specification", plan: "Plan", tasks: "Tasks" };
const SHOWN = 9;

export class FlowStrip extends HTMLElement {
  #shownText = "";

  /**
   * Show a project's; `current` is the path of the file that is open.
   * @param {Project} project
   * @param {string | undefined} current
   */
  show({ name, workflow }, current) {
    const parts = [name, ...workflow].join("\n");
    if (parts !== this.#shownText) {
      const links = inFlow(workflow).slice(0, SHOWN).map((path) => link(name, path));
      render(this, html`${links.length ? html`<nav class="flow" aria-label="Specification, plan, tasks">${links}</nav>` : null}`);
    }
    this.#shownText = parts;
    for (const each of this.querySelectorAll("a")) {
      if (each.dataset.path === current) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    }
  }
}

/** Make the element known. */
export function register() {
  define("flow-strip", FlowStrip);
}

/**
 * @param {string} project
 * @param {string} path
 */
function link(project, path) {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.md$/i, "").toLowerCase();
  const to = address({ page: "artifacts", item: project, query: { path } });
  return html`<a href="${to}" data-path="${path}" data-testid="flow-${name}" title="${NAMES[name] ?? ""}: ${path}">${icon("text")}${path}</a>`;
}
