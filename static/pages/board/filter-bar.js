/**
 * Search, filters, sorting and grouping. Shows the filters it is given; emits `filters-change {changes}` and
 * `filters-clear`.
 */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { count, plural } from "../../lib/format.js";
import { oncePerFrame } from "../../lib/signals.js";
import { render } from "../../lib/html.js";
import { SORTS } from "../../stores/view.js";
import { fillSelect } from "../../ui/select.js";
import { FACETS, choicesOf, frame } from "./filter-frame.js";
/** @import {Facets, Filters} from "../../lib/types.js" */
/** @import {Sums} from "./types.js" */

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
