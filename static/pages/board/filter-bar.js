/**
 * Search, filters, sorting and grouping. Shows the filters it is given; emits `filters-change {changes}` and
 * `filters-clear`.
 */
import { define, delegate, emit, loadStyle, one } from "../../lib/dom.js";
import { count, plural } from "../../lib/format.js";
import { oncePerFrame } from "../../lib/signals.js";
import { render } from "../../lib/html.js";
import { lazily } from "../../lib/lazy.js";
import { groupIn } from "../../stores/groups.js";
import { SORTS } from "../../stores/view.js";
import { fillSelect } from "../../ui/select.js";
import { FACETS, GROUP_CHOICES, choicesOf, frame } from "./filter-frame.js";
/** @import {Facets, Filters} from "../../lib/types.js" */
/** @import {Sums} from "./types.js" */
/** @import {ViewMenu} from "./view-menu.js" */

const loadMenu = lazily(() => import("./view-menu.js"), import.meta.resolve("./view-menu.js"));

export class FilterBar extends HTMLElement {
  /** The lanes of the board. @type {string[]} */
  lanes = [];
  /** What the hosts are called; empty where there is one. @type {Map<string, string>} */
  #hosts = new Map();
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
    delegate(this, "click", ".view-button", () => this.toggleMenu());
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
   * What the hosts of the board are called, by id; empty where there is only one: then nothing is said of hosts.
   * @param {Map<string, string>} hosts
   */
  set hosts(hosts) {
    this.#hosts = hosts;
    this.#fill();
  }

  get hosts() {
    return this.#hosts;
  }

  /**
   * The filters in force.
   * @param {Filters} filters
   */
  set filters(filters) {
    this.#filters = filters;
    if (this.#search.value !== (filters.q ?? "")) this.#search.value = filters.q ?? "";
    this.#menu?.show({ filters, lanes: this.lanes });
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


  /** Open the menu of lanes, density and saved views, or close it. */
  async toggleMenu() {
    try {
      const [{ register }] = await Promise.all([loadMenu(), loadStyle("/pages/board/view-menu.css")]);
      register();
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      return emit(document, "toast", { tone: "warn", title: "The menu cannot be shown", text: message });
    }
    const menu = this.#menu ?? this.appendChild(/** @type {ViewMenu} */ (document.createElement("view-menu")));
    menu.show({ filters: this.#filters, lanes: this.lanes });
    menu.toggle(one(this, ".view-button"));
  }

  get #menu() {
    return /** @type {ViewMenu | null} */ (this.querySelector("view-menu"));
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
      fillSelect(this.#select(name), { choices: choicesOf(name, this.#facets[name] ?? [], value, this.#hosts), value, any });
    }
    const isMany = this.#hosts.size > 1;
    const group = groupIn(this.#filters.group) ?? "";
    const host = this.#select("host");
    (host.closest("label") ?? host).hidden = !isMany && !this.#filters.host;
    fillSelect(this.#select("group"), { choices: GROUP_CHOICES.filter(([name]) => name !== "host" || isMany || group === "host"), value: group, any: "Group" });
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
