/** The filters over the table of calls. Emits `query-change {changes}`. */
/** @import {Choice} from "../../ui/select.js" */
/** @import {By, Query, Select} from "./types.js" */
import { setText } from "../../lib/hidden.js";
import { define, delegate, emit, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { fillSelect, select } from "../../ui/select.js";
import { keyName } from "./naming.js";
import { timeText } from "./range.js";

/** @type {Record<string, Choice[] | undefined>} */
const FIXED = {
  status: [
    ["success", "Success"],
    ["error", "Error"],
    ["timeout", "Timeout"],
    ["error,timeout", "Error or timeout"],
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

const WEEKDAYS = { mon: "Mondays", tue: "Tuesdays", wed: "Wednesdays", thu: "Thursdays", fri: "Fridays", sat: "Saturdays", sun: "Sundays" };

/** What has no list to choose from and comes by a link: the names of the filters, and how they are shown. @type {{names: string[], label: string, all: string, text: (selected: Query, zone: string | null) => string}[]} */
const CHIPS = [
  { names: ["job"], label: "Job", all: "Calls of all jobs", text: ({ job }) => job ?? "" },
  { names: ["session"], label: "Session", all: "Calls of all sessions", text: ({ session }) => session ?? "" },
  { names: ["since", "until"], label: "Time", all: "Calls of the whole range", text: timeOf },
  { names: ["weekday", "hour"], label: "", all: "Calls of the whole week", text: weekOf },
];

/** The names of all filters. @type {string[]} */
export const CALL_FILTERS = [...SELECTS.map(({ name }) => name), ...CHIPS.flatMap(({ names }) => names)];

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
    delegate(this, "click", ".drop", (_, /** @type {HTMLElement} */ { dataset }) => {
      const changes = Object.fromEntries(CHIPS[Number(dataset.chip)].names.map((name) => [name, ""]));
      emit(this, "query-change", { changes });
    });
    delegate(this, "click", ".clear", () => {
      emit(this, "query-change", { changes: Object.fromEntries(CALL_FILTERS.map((name) => [name, ""])) });
    });
  }

  /** What can be selected: `{model: [text, ...], ...}`. @param {Partial<Record<By, string[]>>} choices */
  set choices(choices) {
    this.#choices = { ...this.#choices, ...choices };
    this.#fill();
  }

  /**
   * What is selected: `{model: text, ...}`, and the time zone of the service.
   * @param {Query} selected
   * @param {string | null} zone
   */
  select(selected, zone) {
    this.#selected = selected;
    this.#fill();
    CHIPS.forEach(({ names, text }, at) => {
      const chip = one(this, `[data-chip="${at}"]`);
      chip.hidden = !names.some((name) => selected[name]);
      setText(one(chip, ".drop-text"), chip.hidden ? "" : text(selected, zone));
    });
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
    ${CHIPS.map(({ names, label, all }, at) => html`<button type="button" class="pill drop" data-chip="${at}" data-testid="drop-${names[0]}" data-active hidden title="${all}">${label} <span class="drop-text"></span> ×</button>`)}
    <button type="button" class="link clear" data-testid="calls-clear" hidden>Clear filters</button>`;
}

/**
 * @param {Query} selected
 * @param {string | null} zone
 */
function timeOf({ since, until }, zone) {
  const [from, to] = [since, until].map((time) => (time ? timeText(time, zone) : ""));
  if (from === to) return from;
  return from && to ? `${from} to ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) || to : to}` : from ? `from ${from}` : `to ${to}`;
}

/** @param {Query} selected */
function weekOf({ weekday, hour }) {
  const days = (weekday ?? "").split(",").filter(Boolean).map((day) => Reflect.get(WEEKDAYS, day) ?? day);
  const hours = (hour ?? "").split(",").filter(Boolean).map((each) => `${each.padStart(2, "0")}:00 to ${String((Number(each) + 1) % 24).padStart(2, "0")}:00`);
  return [days.join(", "), hours.join(", ")].filter(Boolean).join(", ");
}
