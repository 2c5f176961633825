/** The figures of a project that run while its agents write: `figuresFrame()` is their place, `Figures` fills it. */
import { bytes, count } from "../../lib/format.js";
import { one } from "../../lib/dom.js";
import { html } from "../../lib/html.js";
import { CountUp } from "../../ui/count-up.js";

/** @import {Project} from "../../lib/types.js" */

/** @typedef {"files" | "lines" | "lines_written" | "lines_per_hour" | "size_bytes"} FigureName */

const whole = (/** @type {number} */ number) => count(Math.round(number));
/** @type {{name: FigureName, label: string, text: (number: number) => string, hint?: string}[]} */
const FIGURES = [
  { name: "files", label: "files", text: whole },
  { name: "lines", label: "lines", text: whole },
  { name: "lines_written", label: "lines written", text: (number) => (number > 0 ? `+${whole(number)}` : "0"), hint: "Since the service started" },
  { name: "lines_per_hour", label: "lines / hour", text: whole, hint: "Written in the last 60 minutes" },
  { name: "size_bytes", label: "in all", text: (number) => bytes(Math.round(number)) },
];

/** The places of the figures. */
export function figuresFrame() {
  return html`<dl class="figures-row">${FIGURES.map(
    ({ name, label, hint }) =>
      html`<div data-figure="${name}" title="${hint ?? ""}"><dt>${label}</dt><dd data-testid="figure-${name}">–</dd></div>`,
  )}</dl>`;
}

export class Figures {
  /** @type {[FigureName, CountUp][]} */
  #places;
  /** @type {HTMLElement} */
  #hint;

  /** @param {ParentNode} root */
  constructor(root) {
    this.#places = FIGURES.map(({ name, text }) => [
      name,
      new CountUp(one(root, `[data-figure="${name}"] dd`), text),
    ]);
    this.#hint = one(root, '[data-figure="lines"]');
  }

  /**
   * Show a project's.
   * @param {Project} project
   */
  show(project) {
    for (const [name, place] of this.#places) place.show(project[name]);
    this.#hint.title = project.uncounted > 0 ? `${count(project.uncounted)} files wait to be counted` : "";
    this.#hint.toggleAttribute("data-open", project.uncounted > 0);
  }
}
