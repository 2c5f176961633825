/** The jobs by status, side by side: `jobs-board`. */
import { define, keyed, one } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { groupOf } from "../../stores/jobs.js";
import { fillCard, makeCard } from "./job-card.js";
import { GROUPS } from "./statuses.js";
/** @import {Job} from "../../lib/types.js" */

const MOST_CARDS = 60; // of a column; the list has them all

export class JobsBoard extends HTMLElement {
  connectedCallback() {
    if (this.firstChild) return;
    render(this, html`${GROUPS.map(({ name, label }) => html`<section class="job-column" data-group="${name}" aria-labelledby="jobs-${name}">
      <h3 id="jobs-${name}"><span class="dot"></span>${label} <span class="column-count"></span></h3>
      <ol class="job-cards" data-testid="jobs-${name}"></ol>
      <p class="nil" hidden></p></section>`)}`);
  }

  /** @param {Job[]} jobs */
  show(jobs) {
    for (const { name } of GROUPS) {
      const column = one(this, `[data-group="${name}"]`);
      const all = jobs.filter(({ status }) => groupOf(status) === name);
      // What waits is started in the order in which it was created.
      const shown = (name === "pending" ? all.reverse() : all).slice(0, MOST_CARDS);
      one(column, ".column-count").textContent = count(all.length);
      keyed(one(column, "ol"), shown, ({ id }) => id, makeCard, fillCard);
      const nil = one(column, ".nil");
      nil.hidden = all.length > 0 && all.length <= MOST_CARDS;
      nil.textContent = all.length > 0 ? `${count(all.length - MOST_CARDS)} more in the list` : "None";
    }
  }
}

/** Make the element known. */
export function register() {
  define("jobs-board", JobsBoard);
}
