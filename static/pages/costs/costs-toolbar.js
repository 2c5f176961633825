/** The days that are shown. Emits `query-change {changes}`. */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { oncePerFrame } from "../../lib/signals.js";
import { html, render } from "../../lib/html.js";
import { dayIn } from "../../lib/zone.js";
import { segments } from "../../ui/segments.js";
import { RANGES } from "./range.js";

const CUSTOM = { name: "custom", label: "Other days" };

export class CostsToolbar extends HTMLElement {
  #showPressed = oncePerFrame(() => showPressed(this));

  connectedCallback() {
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", "Range");
    render(this, frame());
    this.addEventListener("segment-choose", ({ detail: { value } }) => this.#choose(value));
    delegate(this, "change", "input[type=date]", (_, /** @type {HTMLInputElement} */ { name, value }) =>
      emit(this, "query-change", { changes: { [name]: value } }),
    );
  }

  /**
   * What is selected: the `name` of a range or "custom", `from` and `to` as days, and the time zone whose days they are.
   * @param {{name: string, from: string | null, to: string | null, zone: string | null}} choice
   */
  set choice({ name, from, to, zone }) {
    group(this).value = name;
    /** @type {Record<string, string>} */
    const days = { from: from?.slice(0, 10) ?? "", to: to ?? dayIn(zone) };
    for (const input of this.querySelectorAll("input")) {
      if (input !== document.activeElement) input.value = days[input.name];
    }
    this.toggleAttribute("data-custom", name === "custom");
    this.#showPressed();
    one(this, ".zone").textContent = zone ? `Time zone: ${zone}` : "";
  }

  /** @param {string} name */
  #choose(name) {
    if (name === "custom") return this.#chooseDays();
    emit(this, "query-change", { changes: { range: name, from: "", to: "", bucket: "" } });
  }

  // The days that are shown now, to be changed.
  #chooseDays() {
    const [from, to] = [...this.querySelectorAll("input")].map(({ value }) => value);
    emit(this, "query-change", { changes: { range: "", from, to, bucket: "" } });
    one(this, "input").focus();
  }
}

/** Make the element known. */
export function register() {
  define("costs-toolbar", CostsToolbar);
}

/** @param {HTMLElement} root @returns {import("../../ui/segments.js").SegmentGroup} */
function group(root) {
  return one(root, "segment-group");
}

// On a phone the ranges do not fit side by side.
/** @param {HTMLElement} root */
function showPressed(root) {
  const button = one(root, '.segment[aria-pressed="true"]');
  const row = group(root);
  row.scrollLeft = button.offsetLeft - row.offsetLeft - (row.clientWidth - button.offsetWidth) / 2;
}

function frame() {
  const choices = [...RANGES, CUSTOM].map(({ name, label }) => ({ value: name, label }));
  return html`${segments({ name: "range", label: "Days", choices })}
    <div class="days"><label><span>From</span> <input type="date" name="from" data-testid="range-from" min="2020-01-01" /></label>
      <label><span>to</span> <input type="date" name="to" data-testid="range-to" min="2020-01-01" /></label></div>
    <span class="zone" data-testid="zone"></span>`;
}
