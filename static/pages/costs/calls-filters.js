/** The filters over the table of calls. Emits `query-change {changes}`. */
/** @import {Choice} from "../../ui/select.js" */
/** @import {By, Query, Select} from "./types.js" */
import { setText } from "../../lib/hidden.js";
import { define, delegate, emit, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { fillSelect, select } from "../../ui/select.js";
import { keyName } from "./naming.js";

/** @type {Record<string, Choice[] | undefined>} */
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
    setText(one(this, ".drop-session-id"), session ?? "");
    one(this, ".clear").hidden = !CALL_FILTERS.some((name) => selected[name]);
  }

  #fill() {
    for (const { name, any } of SELECTS) {
      const selected = this.#selected[name] ?? "";
      const keys = this.#choices[name] ?? [];
      const offered = FIXED[name] ?? keys.map((key) => /** @type {Choice} */ ([key, keyName(/** @type {By} */ (name), key)]));
      const isOffered = offered.some(([value]) => value === selected);
      /** @type {Choice[]} */
      const choices = !selected || isOffered ? offered : [[selected, selected], ...offered];
      fillSelect(one(this, `select[name=${name}]`), { choices, value: selected, any });
    }
  }
}

/** Make the element known. */
export function register() {
  define("calls-filters", CallsFilters);
}

function frame() {
  return html`${SELECTS.map(({ name, any }) => select({ name, label: any, testid: `calls-${name}` }))}
    <button type="button" class="pill drop-session" data-active hidden title="Calls of all sessions">Session <span class="drop-session-id"></span> ×</button>
    <button type="button" class="link clear" data-testid="calls-clear" hidden>Clear filters</button>`;
}
