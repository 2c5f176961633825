/**
 * Search, filters, sorting and grouping. Shows the filters it is given; emits `filters-change {changes}` and
 * `filters-clear`.
 */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { count, plural, sentenceCase } from "../../lib/format.js";
import { oncePerFrame } from "../../lib/signals.js";
import { html, icon, render } from "../../lib/html.js";
import { SORTS } from "../../stores/view.js";
import { fillSelect, select } from "../../ui/select.js";
import { flagName } from "./marks.js";
/** @import {Choice} from "../../ui/select.js" */
/** @import {Facet, Facets, Filters} from "../../lib/types.js" */
/** @import {Sums} from "./types.js" */

/** @type {{name: keyof Facets, label: string, any: string}[]} */
const FACETS = [
  { name: "agent", label: "Filter by agent", any: "Agent" },
  { name: "priority", label: "Filter by priority", any: "Priority" },
  { name: "status", label: "Filter by status", any: "Status" },
  { name: "tag", label: "Filter by tag", any: "Tag" },
  { name: "flag", label: "Filter by flag", any: "Flag" },
];

export class FilterBar extends HTMLElement {
  /** @type {Filters} */
  #filters = {};
  /** @type {Partial<Facets>} */
  #facets = {};

  connectedCallback() {
    this.setAttribute("role", "search");
    this.setAttribute("aria-label", "Search and filters");
    render(this, frame());
    const report = oncePerFrame(() => this.#change({ q: this.#search.value }));
    this.#search.addEventListener("input", report);
    this.#search.addEventListener("keydown", (event) => this.#searchKey(event));
    delegate(this, "change", "select", (_, /** @type {HTMLSelectElement} */ { name, value }) => this.#change({ [name]: value }));
    delegate(this, "click", ".group-switch", () => this.toggleGroup());
    delegate(this, "click", ".clear", () => emit(this, "filters-clear"));
    delegate(this, "click", ".unfold", () => this.#unfold());
  }

  /**
   * What may be filtered by: `facetsOf(board)`.
   * @param {Facets} facets
   */
  set facets(facets) {
    this.#facets = facets;
    this.#fill();
  }

  /**
   * The filters in force.
   * @param {Filters} filters
   */
  set filters(filters) {
    this.#filters = filters;
    if (this.#search.value !== (filters.q ?? "")) this.#search.value = filters.q ?? "";
    one(this, ".group-switch").setAttribute("aria-pressed", String(filters.group === "agent"));
    this.#fill();
  }

  /**
   * How many of how many cards are to be seen.
   * @param {Sums} sums
   */
  showCounts({ cards, total, isFiltering }) {
    one(this, ".result").textContent = isFiltering
      ? `${count(cards)} of ${plural(total, "task")}`
      : plural(total, "task");
    one(this, ".clear").hidden = !isFiltering;
    const active = FACETS.filter(({ name }) => this.#filters[name]).length;
    one(this, ".unfold-count").textContent = active ? String(active) : "";
  }

  /** Put the cursor into the search box. */
  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  /** Group by agent, or no longer. */
  toggleGroup() {
    this.#change({ group: this.#filters.group === "agent" ? "" : "agent" });
  }

  /** @returns {HTMLInputElement} */
  get #search() {
    return one(this, "input[type=search]");
  }

  /**
   * @param {keyof Filters} name
   * @returns {HTMLSelectElement}
   */
  #select(name) {
    return one(this, `select[name=${name}]`);
  }

  /** @param {Filters} changes */
  #change(changes) {
    emit(this, "filters-change", { changes });
  }

  #fill() {
    for (const { name, any } of FACETS) {
      const value = this.#filters[name] ?? "";
      fillSelect(this.#select(name), { choices: choicesOf(name, this.#facets[name] ?? [], value), value, any });
    }
    const { sort = "" } = this.#filters;
    this.#select("sort").value = Object.hasOwn(SORTS, sort) ? sort : "newest";
  }

  /** @param {KeyboardEvent} event */
  #searchKey(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      if (this.#search.value) this.#change({ q: "" });
      else this.#search.blur();
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      emit(this, "board-focus");
    }
  }

  #unfold() {
    const open = this.toggleAttribute("data-open");
    one(this, ".unfold").setAttribute("aria-expanded", String(open));
  }
}

/** Make the element known. */
export function register() {
  define("filter-bar", FilterBar);
}

/**
 * What can be chosen, `selected` even when no card has it.
 * @param {keyof Facets} name
 * @param {Facet[]} facets
 * @param {string} selected
 * @returns {Choice[]}
 */
function choicesOf(name, facets, selected) {
  const isMissing = selected && !facets.some(([value]) => value === selected);
  /** @type {Facet[]} */
  const all = isMissing ? [...facets, [selected, 0]] : facets;
  return all.map(([value, size]) => [value, `${nameOf(name, value)} (${count(size)})`]);
}

/**
 * @param {keyof Facets} facet
 * @param {string} value
 */
function nameOf(facet, value) {
  if (facet === "flag") return flagName(value);
  return facet === "priority" ? sentenceCase(value) : value;
}

function frame() {
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
      <button type="button" class="pill group-switch" data-testid="group" aria-pressed="false">${icon("group")}Group by agent</button>
    </div>
    <p class="result-line"><span class="result" role="status"></span><button type="button" class="link clear" data-testid="clear-filters" hidden>Clear filters</button></p>`;
}
