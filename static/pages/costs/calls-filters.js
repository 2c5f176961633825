/** The filters over the table of calls. Emits `query-change {changes}`. */
/** @import {By, Query, Select} from "./types.js" */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { keyName } from "./naming.js";

/** @type {Record<string, [string, string][] | undefined>} */
const FIXED = {
  status: [
    ["success", "Success"],
    ["error", "Error"],
    ["timeout", "Timeout"],
  ],
  cost: [
    ["priced", "Priced from the list"],
    ["reported", "Reported by the agent"],
    ["unknown", "Unpriced"],
  ],
};
/** @type {Select[]} */
const SELECTS = [
  { name: "model", any: "Any model" },
  { name: "agent", any: "Any agent" },
  { name: "task", any: "Any task" },
  { name: "project", any: "Any project" },
  { name: "status", any: "Any status" },
  { name: "cost", any: "Any cost source" },
];

/** The names of all filters; `session` has no list to choose from and comes by a link. @type {string[]} */
export const CALL_FILTERS = [...SELECTS.map(({ name }) => name), "session"];

export class CallsFilters extends HTMLElement {
  /** @type {Partial<Record<string, string[]>>} */
  #choices = {};
  /** @type {Query} */
  #selected = {};
  /** @type {Map<string, string>} */
  #shown = new Map();

  connectedCallback() {
    render(this, frame());
    delegate(this, "change", "select", (_, /** @type {HTMLSelectElement} */ { name, value }) =>
      emit(this, "query-change", { changes: { [name]: value } }),
    );
    delegate(this, "click", ".drop-session", () => emit(this, "query-change", { changes: { session: "" } }));
    delegate(this, "click", ".clear", () => {
      emit(this, "query-change", { changes: Object.fromEntries(CALL_FILTERS.map((name) => [name, ""])) });
    });
  }

  /** What can be selected: `{model: [text, ...], ...}`. @param {Partial<Record<By, string[]>>} choices */
  set choices(choices) {
    this.#choices = { ...this.#choices, ...choices };
    this.#fill();
  }

  /** What is selected: `{model: text, ...}`. @param {Query} selected */
  set selected(selected) {
    this.#selected = selected;
    this.#fill();
    const { session } = selected;
    one(this, ".drop-session").hidden = !session;
    one(this, ".drop-session-id").textContent = session ?? "";
    one(this, ".clear").hidden = !CALL_FILTERS.some((name) => selected[name]);
  }

  #fill() {
    for (const { name, any } of SELECTS) {
      const selected = this.#selected[name] ?? "";
      const keys = this.#choices[name] ?? [];
      const offered = FIXED[name] ?? keys.map((key) => [key, keyName(/** @type {By} */ (name), key)]);
      const isOffered = offered.some(([value]) => value === selected);
      const all = !selected || isOffered ? offered : [[selected, selected], ...offered];
      /** @type {HTMLSelectElement} */
      const select = one(this, `select[name=${name}]`);
      const state = JSON.stringify([all, selected]);
      if (this.#shown.get(name) === state) continue;
      this.#shown.set(name, state);
      render(
        select,
        html`<option value="">${any}</option>${all.map(([value, text]) => html`<option value="${value}">${text}</option>`)}`,
      );
      select.value = selected;
      select.toggleAttribute("data-active", selected !== "");
    }
  }
}

/** Make the element known. */
export function register() {
  define("calls-filters", CallsFilters);
}

function frame() {
  return html`${SELECTS.map(({ name, any }) => html`<select class="pill" name="${name}" data-testid="calls-${name}" aria-label="${any}"></select>`)}
    <button type="button" class="pill drop-session" data-active hidden title="Calls of all sessions">Session <span class="drop-session-id"></span> ×</button>
    <button type="button" class="link clear" data-testid="calls-clear" hidden>Clear filters</button>`;
}
