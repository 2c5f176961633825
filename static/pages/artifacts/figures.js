/** The figures of a project that run while its agents write: `figuresFrame()` is their place, `Figures` fills it. */
import { bytes, count } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { CountUp } from "../../ui/count-up.js";

const whole = (number) => count(Math.round(number));
const FIGURES = [
  { name: "files", label: "files", words: whole },
  { name: "lines", label: "lines", words: whole },
  { name: "lines_written", label: "lines written", words: (number) => (number > 0 ? `+${whole(number)}` : "0"), hint: "Since the service started" },
  { name: "lines_per_hour", label: "lines / hour", words: whole, hint: "Written in the last 60 minutes" },
  { name: "size_bytes", label: "in all", words: (number) => bytes(Math.round(number)) },
];

/** The places of the figures. */
export function figuresFrame() {
  return html`<dl class="figures-row">${FIGURES.map(
    ({ name, label, hint }) =>
      html`<div data-figure="${name}" title="${hint ?? ""}"><dt>${label}</dt><dd data-testid="figure-${name}">–</dd></div>`,
  )}</dl>`;
}

export class Figures {
  #places;
  #hint;

  constructor(root) {
    this.#places = FIGURES.map(({ name, words }) => [
      name,
      new CountUp(root.querySelector(`[data-figure="${name}"] dd`), words),
    ]);
    this.#hint = root.querySelector('[data-figure="lines"]');
  }

  /** Show a project's. */
  show(project) {
    for (const [name, place] of this.#places) place.show(project[name]);
    this.#hint.title = project.uncounted > 0 ? `${count(project.uncounted)} files wait to be counted` : "";
    this.#hint.toggleAttribute("data-open", project.uncounted > 0);
  }
}
