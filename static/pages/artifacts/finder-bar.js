/**
 * What is looked for in a project: words in names or in contents, files of a type. Emits `query-change {changes}` as the
 * address has to take it, `search-cancel`, and `results-focus` to go on into what was found.
 */
import { define, delegate, emit } from "../../lib/dom.js";
import { html, icon, render } from "../../lib/html.js";
import { short } from "./labels.js";

const TYPED_MS = { names: 120, contents: 350 };
const FILTERS = [
  { name: "", label: "All" },
  { name: "documentation", label: "Docs" },
  { name: "code", label: "Code" },
];

export class FinderBar extends HTMLElement {
  #query = {};
  #timer = null;

  connectedCallback() {
    render(this, frame());
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("keydown", (event) => this.#pressed(event));
    delegate(this, "click", "[data-in]", (_, { dataset }) => this.#look(dataset.in));
    delegate(this, "click", "[data-type-filter]", (_, { dataset }) => this.#ask({ type: dataset.typeFilter }));
    delegate(this, "click", "[data-option]", (_, { dataset }) =>
      this.#ask({ [dataset.option]: this.#query[dataset.option] ? "" : "1" }),
    );
    delegate(this, "click", ".search-stop", () => emit(this, "search-cancel"));
  }

  /** What the address says: `{q, in, type, regex, case}`. */
  set query(query) {
    this.#query = query;
    const isInContents = query.in === "contents";
    // What is being typed is not in the address yet.
    if (this.#timer === null && this.#input.value.trim() !== (query.q ?? "")) this.#input.value = query.q ?? "";
    this.#input.placeholder = isInContents ? "Search in contents" : "Search names";
    press(this, "[data-in]", ({ dataset }) => dataset.in === (query.in ?? "names"));
    press(this, "[data-type-filter]", ({ dataset }) => dataset.typeFilter === (query.type ?? ""));
    press(this, "[data-option]", ({ dataset }) => Boolean(query[dataset.option]));
    this.querySelector(".type-filter").hidden = isInContents;
    this.querySelector(".search-options").hidden = !isInContents;
  }

  /** Files by type, shown beside the filters. */
  set counts(counts) {
    const all = Object.values(counts).reduce((sum, number) => sum + number, 0);
    for (const filter of this.querySelectorAll("[data-type-filter]")) {
      const number = filter.dataset.typeFilter ? (counts[filter.dataset.typeFilter] ?? 0) : all;
      const text = short(number);
      if (filter.lastElementChild.textContent !== text) filter.lastElementChild.textContent = text;
    }
  }

  /** What is to be said of the search: text or "", and whether it goes on. */
  say(text, isGoingOn = false) {
    this.querySelector(".search-text").textContent = text;
    this.querySelector(".search-line").hidden = text === "" && !isGoingOn;
    this.querySelector(".search-stop").hidden = !isGoingOn;
    this.querySelector(".search-line .spinner").hidden = !isGoingOn;
  }

  /** Go to the field, all of it selected. */
  focusSearch() {
    this.#input.focus();
    this.#input.select();
  }

  get #input() {
    return this.querySelector("input");
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), TYPED_MS[this.#query.in ?? "names"]);
  }

  #flush() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const q = this.#input.value.trim();
    if (q !== (this.#query.q ?? "")) this.#ask({ q });
  }

  #look(where) {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#ask({ in: where === "names" ? "" : where, q: this.#input.value.trim() });
    this.#input.focus();
  }

  #pressed(event) {
    if (event.key === "Enter") this.#flush();
    else if (event.key === "ArrowDown") emit(this, "results-focus");
    else if (event.key === "Escape" && this.#input.value) {
      this.#input.value = "";
      this.#flush();
    } else if (event.key === "Escape") this.#input.blur();
    else return;
    event.preventDefault();
  }

  #ask(changes) {
    emit(this, "query-change", { changes });
  }
}

/** Make the element known. */
export function register() {
  define("finder-bar", FinderBar);
}

function press(root, selector, isPressed) {
  for (const button of root.querySelectorAll(selector)) button.setAttribute("aria-pressed", String(isPressed(button)));
}

function frame() {
  return html`<search>
    <div class="find-field">
      ${icon("search")}<input type="search" aria-label="Search this project" autocomplete="off" spellcheck="false" data-testid="artifact-search" /><kbd>/</kbd>
    </div>
    <div class="find-choices">
      <div class="segments" role="group" aria-label="Where to search">
        <button type="button" class="segment" data-in="names" data-testid="search-names">Names</button><button type="button" class="segment" data-in="contents" data-testid="search-contents">Contents</button>
      </div>
      <div class="segments type-filter" role="group" aria-label="Which files">
        ${FILTERS.map(({ name, label }) => html`<button type="button" class="segment" data-type-filter="${name}" data-testid="filter-${name || "all"}">${label} <small></small></button>`)}
      </div>
      <div class="segments search-options" role="group" aria-label="How to search" hidden>
        <button type="button" class="segment" data-option="case" title="Capital and small letters differ" data-testid="search-case">Aa</button><button type="button" class="segment" data-option="regex" title="Regular expression (RE2)" data-testid="search-regex">.*</button>
      </div>
    </div>
    <p class="search-line" role="status" hidden><i class="spinner" aria-hidden="true" hidden></i><span class="search-text" data-testid="search-words"></span><button type="button" class="link search-stop" data-testid="search-stop" hidden>Stop</button></p>
  </search>`;
}
