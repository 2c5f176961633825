/** The heading of all pipelines: how many, and chips to filter them by. */
import { count, plural, sentenceCase } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { fillSelect, select } from "../../ui/select.js";
import { FILTER_STATUSES, statusOf } from "./statuses.js";
/** @import {Choice} from "../../ui/select.js" */
/** @import {ListAnswer, ListQuery} from "./types.js" */

/** What was shown in each frame. @type {WeakMap<Element, string>} */
const shown = new WeakMap();

export function filterFrame() {
  return html`<header class="pipe-head">
    <h2>Pipelines</h2><span class="pipe-sum" role="status" data-testid="pipelines-sum"></span>
    <span class="pipe-filters">
      <span class="pipe-chips" role="group" aria-label="Status">${FILTER_STATUSES.map(
        (status) => html`<button type="button" class="pill pipe-chip" name="status" value="${status}" data-status="${status}" data-testid="status-${status}" aria-pressed="false">${icon(statusOf(status).sign)}${statusOf(status).label}<span class="chip-count"></span></button>`,
      )}</span>
      <span class="pipe-chips pipe-types" role="group" aria-label="Type"></span>
      ${select({ name: "project", label: "Project", testid: "pipelines-project" })}
    </span>
  </header>`;
}

/**
 * Offer what there is to filter by; null: nothing is known yet.
 * @param {HTMLElement} root
 * @param {ListAnswer | null} list
 * @param {ListQuery} query
 */
export function fillFilters(root, list, query) {
  const place = /** @type {HTMLElement} */ (root.querySelector(".pipe-types"));
  const names = [...new Set([...(list?.types ?? []), ...query.type])].sort();
  if (shown.get(place) !== names.join("\n")) {
    shown.set(place, names.join("\n"));
    render(place, html`${names.map((name) => html`<button type="button" class="pill pipe-chip" name="type" value="${name}" data-testid="type-${name}" aria-pressed="false">${sentenceCase(name)}</button>`)}`);
  }
  for (const chip of /** @type {NodeListOf<HTMLButtonElement>} */ (root.querySelectorAll(".pipe-chip"))) fillChip(chip, list, query);
  const projects = [...new Set([...(list?.projects ?? []), ...(query.project ? [query.project] : [])])].sort().map((name) => /** @type {Choice} */ ([name, name]));
  const choice = /** @type {HTMLSelectElement} */ (root.querySelector("select[name=project]"));
  fillSelect(choice, { choices: projects, value: query.project ?? "", any: "All projects" });
  choice.hidden = projects.length === 0;
  const sum = /** @type {HTMLElement} */ (root.querySelector(".pipe-sum"));
  const text = list ? sumOf(list) : "";
  if (sum.textContent !== text) sum.textContent = text;
}

/** @param {HTMLButtonElement} chip @param {ListAnswer | null} list @param {ListQuery} query */
function fillChip(chip, list, query) {
  const isPressed = query[/** @type {"status" | "type"} */ (chip.name)].includes(chip.value);
  chip.setAttribute("aria-pressed", String(isPressed));
  const place = chip.querySelector(".chip-count");
  if (!place) return;
  const number = list?.counts[/** @type {keyof ListAnswer["counts"]} */ (chip.value)] ?? 0;
  const text = list ? count(number) : "";
  if (place.textContent !== text) place.textContent = text;
  chip.hidden = !isPressed && number === 0 && (chip.value === "broken" || chip.value === "canceled"); // what is rare
}

/** @param {ListAnswer} list */
function sumOf({ total, counts }) {
  const all = Object.values(counts).reduce((sum, number) => sum + number, 0);
  const filtered = total < all ? `${count(total)} of ` : "";
  return all > 0 ? `${filtered}${plural(all, "pipeline")}, ${count(counts.running ?? 0)} running` : "";
}
