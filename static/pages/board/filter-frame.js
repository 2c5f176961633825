/** The frame of the filters: what can be filtered by, and what there is to choose. */
import { count, sentenceCase } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { GROUPS } from "../../stores/groups.js";
import { SORTS } from "../../stores/view.js";
import { select } from "../../ui/select.js";
import { flagName } from "./marks.js";
/** @import {Choice} from "../../ui/select.js" */
/** @import {Facet, Facets} from "../../lib/types.js" */

/** The filters with a list of choices. @type {{name: keyof Facets, label: string, any: string}[]} */
export const FACETS = [
  { name: "host", label: "Filter by host", any: "Host" },
  { name: "agent", label: "Filter by agent", any: "Agent" },
  { name: "priority", label: "Filter by priority", any: "Priority" },
  { name: "status", label: "Filter by status", any: "Status" },
  { name: "tag", label: "Filter by tag", any: "Tag" },
  { name: "flag", label: "Filter by flag", any: "Flag" },
];

/**
 * What can be chosen, `selected` even when no card has it.
 * @param {keyof Facets} name
 * @param {Facet[]} facets
 * @param {string} selected
 * @param {Map<string, string>} [hosts] what hosts are called
 * @returns {Choice[]}
 */
export function choicesOf(name, facets, selected, hosts = new Map()) {
  const isMissing = selected && !facets.some(([value]) => value === selected);
  /** @type {Facet[]} */
  const all = isMissing ? [...facets, [selected, 0]] : facets;
  return all.map(([value, size]) => [value, `${name === "host" ? (hosts.get(value) ?? value) : nameOf(name, value)} (${count(size)})`]);
}

/**
 * @param {keyof Facets} facet
 * @param {string} value
 */
function nameOf(facet, value) {
  if (facet === "flag") return flagName(value);
  return facet === "priority" ? sentenceCase(value) : value;
}

/** By what the board can be grouped. @type {Choice[]} */
export const GROUP_CHOICES = Object.entries(GROUPS).map(([name, label]) => [name, `By ${label.toLowerCase()}`]);

/** The search box, the lists, and the line of results. */
export function frame() {
  return html`<div class="search">
      ${icon("search")}
      <input type="search" data-testid="search" aria-label="Search tasks" placeholder="Search tasks" autocomplete="off" spellcheck="false" enterkeyhint="search" />
      <kbd aria-hidden="true">/</kbd>
    </div>
    <button type="button" class="button unfold" aria-expanded="false" aria-controls="filters">${icon("filter")}Filters<span class="unfold-count"></span></button>
    <div class="filters" id="filters">
      ${FACETS.map(({ name, label }) => select({ name, label, testid: `filter-${name}` }))}
      <span class="divider" aria-hidden="true"></span>
      ${select({ name: "sort", label: "Sort", testid: "sort", choices: Object.entries(SORTS) })}
      ${select({ name: "group", label: "Group", testid: "group" })}
      <button type="button" class="pill view-button" data-testid="view-button" aria-haspopup="dialog" title="Lanes, density, saved views (v)">${icon("eye")}View</button>
    </div>
    <p class="result-line"><span class="result" role="status"></span><button type="button" class="link clear" data-testid="clear-filters" hidden>Clear filters</button></p>`;
}
