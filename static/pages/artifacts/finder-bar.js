/**
 * What is searched for in a project: terms in names or in contents, files of a type. Emits `query-change {changes}` as the
 * address has to take it, `search-cancel`, and `results-focus` to go on into what was found.
 */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { html, icon, render } from "../../lib/html.js";
import { segments } from "../../ui/segments.js";
import { short } from "./labels.js";

/** @import {SegmentGroup} from "../../ui/segments.js" */
/** @import {PageQuery} from "./types.js" */

const TYPED_MS = { names: 120, contents: 350 };
const PLACES = [
  { value: "names", label: "Names", testid: "search-names" },
  { value: "contents", label: "Contents", testid: "search-contents" },
];
const FILTERS = [
  { value: "", label: "All", testid: "filter-all" },
  { value: "documentation", label: "Docs", testid: "filter-documentation" },
  { value: "code", label: "Code", testid: "filter-code" },
];
const OPTIONS = /** @type {const} */ ([
  { value: "case", label: "Aa", title: "Capital and small letters differ", testid: "search-case" },
  { value: "regex", label: ".*", title: "Regular expression (RE2)", testid: "search-regex" },
]);

export class FinderBar extends HTMLElement {
  /** @type {PageQuery} */
  #query = {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  connectedCallback() {
    render(this, frame());
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("keydown", (event) => this.#pressed(event));
    this.addEventListener("segment-choose", ({ detail: { name, value } }) => {
      if (name === "in") this.#searchIn(value);
      else if (name === "type") this.#ask({ type: value });
      else this.#ask({ [value]: this.#query[/** @type {"case" | "regex"} */ (value)] ? "" : "1" });
    });
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
    this.#group("in").value = query.in ?? "names";
    this.#group("type").value = query.type ?? "";
    this.#group("option").value = OPTIONS.map(({ value }) => value).filter((name) => query[name]);
    this.#group("type").hidden = isInContents;
    this.#group("option").hidden = !isInContents;
  }

  /**
   * Files by type, shown beside the filters.
   * @param {Record<string, number>} counts
   */
  set counts(counts) {
    const all = Object.values(counts).reduce((sum, number) => sum + number, 0);
    for (const filter of this.#group("type").buttons) {
      const text = short(filter.value ? (counts[filter.value] ?? 0) : all);
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

  /** @param {string} name @returns {SegmentGroup} */
  #group(name) {
    return one(this, `segment-group[name=${name}]`);
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

function frame() {
  return html`<search>
    <div class="find-field">
      ${icon("search")}<input type="search" aria-label="Search this project" autocomplete="off" spellcheck="false" data-testid="artifact-search" /><kbd>/</kbd>
    </div>
    <div class="find-choices">
      ${segments({ name: "in", label: "Where to search", choices: PLACES })}
      ${segments({ name: "type", label: "Which files", choices: FILTERS.map((filter) => ({ ...filter, label: html`${filter.label} <small></small>` })) })}
      ${segments({ name: "option", label: "How to search", choices: [...OPTIONS] })}
    </div>
    <p class="search-line" role="status" hidden><i class="spinner" aria-hidden="true" hidden></i><span class="search-text" data-testid="search-words"></span><button type="button" class="link search-stop" data-testid="search-stop" hidden>Stop</button></p>
  </search>`;
}
