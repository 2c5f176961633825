/**
 * What is searched for in a project: terms in names or in contents, files of a type. Emits `query-change {changes}` as the
 * address has to take it, `search-cancel`, and `results-focus` to go on into what was found.
 */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { html, icon, render } from "../../lib/html.js";
import { short } from "./labels.js";

/** @import {PageQuery} from "./types.js" */

const TYPED_MS = { names: 120, contents: 350 };
const FILTERS = [
  { name: "", label: "All" },
  { name: "documentation", label: "Docs" },
  { name: "code", label: "Code" },
];

export class FinderBar extends HTMLElement {
  /** @type {PageQuery} */
  #query = {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  connectedCallback() {
    render(this, frame());
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("keydown", (event) => this.#pressed(event));
    delegate(this, "click", "[data-in]", (_, { dataset }) => this.#searchIn(dataset.in));
    delegate(this, "click", "[data-type-filter]", (_, { dataset }) => this.#ask({ type: dataset.typeFilter }));
    delegate(this, "click", "[data-option]", (_, button) =>
      this.#ask({ [optionOf(button)]: this.#query[optionOf(button)] ? "" : "1" }),
    );
    delegate(this, "click", ".search-stop", () => emit(this, "search-cancel"));
  }

  /**
   * What the address says: `{q, in, type, regex, case}`.
   * @param {PageQuery} query
   */
  set query(query) {
    this.#query = query;
    const isInContents = query.in === "contents";
    // What is being typed is not in the address yet.
    if (this.#timer === undefined && this.#input.value.trim() !== (query.q ?? "")) this.#input.value = query.q ?? "";
    this.#input.placeholder = isInContents ? "Search in contents" : "Search names";
    press(this, "[data-in]", ({ dataset }) => dataset.in === (query.in ?? "names"));
    press(this, "[data-type-filter]", ({ dataset }) => dataset.typeFilter === (query.type ?? ""));
    press(this, "[data-option]", (button) => Boolean(query[optionOf(button)]));
    one(this, ".type-filter").hidden = isInContents;
    one(this, ".search-options").hidden = !isInContents;
  }

  /**
   * Files by type, shown beside the filters.
   * @param {Record<string, number>} counts
   */
  set counts(counts) {
    const all = Object.values(counts).reduce((sum, number) => sum + number, 0);
    for (const filter of this.querySelectorAll("[data-type-filter]")) {
      const type = filter.getAttribute("data-type-filter");
      const text = short(type ? (counts[type] ?? 0) : all);
      const place = one(filter, "small");
      if (place.textContent !== text) place.textContent = text;
    }
  }

  /**
   * Show how far the search is: text or "", and whether it goes on.
   * @param {string} text
   */
  report(text, isGoingOn = false) {
    one(this, ".search-text").textContent = text;
    one(this, ".search-line").hidden = text === "" && !isGoingOn;
    one(this, ".search-stop").hidden = !isGoingOn;
    one(this, ".search-line .spinner").hidden = !isGoingOn;
  }

  /** Go to the field, all of it selected. */
  focusSearch() {
    this.#input.focus();
    this.#input.select();
  }

  /** @returns {HTMLInputElement} */
  get #input() {
    return one(this, "input");
  }

  #typed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), TYPED_MS[this.#query.in === "contents" ? "contents" : "names"]);
  }

  #flush() {
    this.#endTimer();
    const q = this.#input.value.trim();
    if (q !== (this.#query.q ?? "")) this.#ask({ q });
  }

  /** @param {string | undefined} where */
  #searchIn(where) {
    this.#endTimer();
    this.#ask({ in: where === "names" ? "" : where, q: this.#input.value.trim() });
    this.#input.focus();
  }

  #endTimer() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** @param {KeyboardEvent} event */
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

  /** @param {PageQuery} changes */
  #ask(changes) {
    emit(this, "query-change", { changes });
  }
}

/** Make the element known. */
export function register() {
  define("finder-bar", FinderBar);
}

/** @param {HTMLElement} button */
function optionOf({ dataset }) {
  return dataset.option === "case" ? "case" : "regex";
}

/**
 * @param {HTMLElement} root
 * @param {string} selector
 * @param {(button: HTMLElement) => boolean} isPressed
 */
function press(root, selector, isPressed) {
  /** @type {NodeListOf<HTMLElement>} */
  const buttons = root.querySelectorAll(selector);
  for (const button of buttons) button.setAttribute("aria-pressed", String(isPressed(button)));
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
