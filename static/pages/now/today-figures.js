/** The figures of today, each a link to where it comes from. They tick in places of a fixed width. */
import { define, one } from "../../lib/dom.js";
import { UNKNOWN, count, money, plural } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { CountUp } from "../../ui/count-up.js";
/** @import {Overview} from "./types.js" */

const whole = (/** @type {number | null} */ number) => (number === null ? UNKNOWN : count(Math.round(number)));
const CALLS = address({ page: "costs", query: { range: "today", show: "calls" } });

const TILES = [
  { name: "done", label: "Done today", href: address({}), text: whole },
  { name: "lines", label: "Lines in the last hour", href: address({ page: "artifacts" }), text: whole },
  { name: "calls", label: "Calls today", href: CALLS, text: whole },
  { name: "cost", label: "Cost today", href: address({ page: "costs", query: { range: "today" } }), text: money },
];

export class TodayFigures extends HTMLElement {
  /** @type {Record<string, CountUp<number | null>>} */
  #numbers = {};

  connectedCallback() {
    render(this, html`${TILES.map(({ name, label, href }) => html`<a class="figure" data-testid="figure-${name}" data-figure="${name}" href="${href}">
      <span class="figure-label">${label}</span><span class="figure-number">${UNKNOWN}</span><span class="figure-more"></span></a>`)}`);
    for (const { name, text } of TILES) this.#numbers[name] = new CountUp(one(this.#tile(name), ".figure-number"), text);
  }

  /** @param {Overview} overview */
  show({ figures, today }) {
    const { tasks_done, jobs_done, lines_per_hour, calls, cost_usd, unpriced } = figures;
    const why = today === "off" ? "calls are not counted" : "calls cannot be read now";
    this.#write("done", tasks_done + jobs_done, `${plural(tasks_done, "task")}, ${plural(jobs_done, "job")}`);
    this.#write("lines", lines_per_hour, lines_per_hour === null ? "files are not watched" : "in all projects");
    this.#write("calls", calls, calls === null ? why : "of all agents");
    this.#write("cost", cost_usd, calls === null ? why : unpriced ? `+ ${plural(unpriced, "call")} unpriced` : calls === 0 ? "no calls yet" : "every call has a price");
  }

  /**
   * @param {string} name
   * @param {number | null} number
   * @param {string} more
   */
  #write(name, number, more) {
    this.#numbers[name].show(number);
    const place = one(this.#tile(name), ".figure-more");
    if (place.textContent !== more) place.textContent = more;
  }

  /** @param {string} name */
  #tile(name) {
    return one(this, `[data-figure="${name}"]`);
  }
}

/** Make the element known. */
export function register() {
  define("today-figures", TodayFigures);
}
