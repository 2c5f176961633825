/** The filters over the table of calls. Emits `query-change {changes}`. */
import { define, delegate, emit } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { keyName } from "./naming.js";

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
const SELECTS = [
  { name: "model", any: "Any model" },
  { name: "agent", any: "Any agent" },
  { name: "task", any: "Any task" },
  { name: "project", any: "Any project" },
  { name: "status", any: "Any status" },
  { name: "cost", any: "Any cost source" },
];

/** The names of all filters; `session` has no list to choose from and comes by a link. */
export const CALL_FILTERS = [...SELECTS.map(({ name }) => name), "session"];

export class CallsFilters extends HTMLElement {
  #choices = {};
  #chosen = {};
  #shown = new Map();

  connectedCallback() {
    render(this, frame());
    delegate(this, "change", "select", (_, { name, value }) =>
      emit(this, "query-change", { changes: { [name]: value } }),
    );
    delegate(this, "click", ".drop-session", () => emit(this, "query-change", { changes: { session: "" } }));
    delegate(this, "click", ".clear", () => {
      emit(this, "query-change", { changes: Object.fromEntries(CALL_FILTERS.map((name) => [name, ""])) });
    });
  }

  /** What can be chosen: `{model: [text, ...], ...}`. */
  set choices(choices) {
    this.#choices = { ...this.#choices, ...choices };
    this.#fill();
  }

  /** What is chosen: `{model: text, ...}`. */
  set chosen(chosen) {
    this.#chosen = chosen;
    this.#fill();
    const { session } = chosen;
    this.querySelector(".drop-session").hidden = !session;
    this.querySelector(".drop-session-id").textContent = session ?? "";
    this.querySelector(".clear").hidden = !CALL_FILTERS.some((name) => chosen[name]);
  }

  #fill() {
    for (const { name, any } of SELECTS) {
      const chosen = this.#chosen[name] ?? "";
      const offered = FIXED[name] ?? (this.#choices[name] ?? []).map((key) => [key, keyName(name, key)]);
      const all = !chosen || offered.some(([value]) => value === chosen) ? offered : [[chosen, chosen], ...offered];
      const select = this.querySelector(`select[name=${name}]`);
      const state = JSON.stringify([all, chosen]);
      if (this.#shown.get(name) === state) continue;
      this.#shown.set(name, state);
      render(
        select,
        html`<option value="">${any}</option>${all.map(([value, text]) => html`<option value="${value}">${text}</option>`)}`,
      );
      select.value = chosen;
      select.toggleAttribute("data-active", chosen !== "");
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
