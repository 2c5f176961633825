/** The days that are shown. Emits `query-change {changes}`. */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { oncePerFrame } from "../../lib/signals.js";
import { html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { dayIn } from "../../lib/zone.js";
import { segments } from "../../ui/segments.js";
import { RANGES, timeText, zoomedOut } from "./range.js";
/** @import {Query} from "./types.js" */

const CUSTOM = { name: "custom", label: "Other days" };

export class CostsToolbar extends HTMLElement {
  /** The parameters that lead to the range around; null: nothing does. @type {Query | null} */
  #outer = null;
  /** @type {Query} */
  #query = {};
  #showPressed = oncePerFrame(() => showPressed(this));

  connectedCallback() {
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", "Range");
    render(this, frame());
    this.addEventListener("segment-choose", ({ detail: { value } }) => this.#choose(value));
    delegate(this, "click", ".zoom-out", () => this.zoomOut());
    delegate(this, "click", ".compare", (_, button) => emit(this, "query-change", { changes: { compare: button.getAttribute("aria-pressed") === "true" ? "off" : "" } }));
    delegate(this, "change", "input[type=date]", (_, /** @type {HTMLInputElement} */ { name, value }) =>
      emit(this, "query-change", { changes: { [name]: value, out: "" } }),
    );
  }

  /** Lead to the range around the present one; false if nothing does. */
  zoomOut() {
    if (this.#outer === null) return false;
    const isFocused = this.contains(document.activeElement);
    location.hash = address({ page: "costs", query: { ...this.#query, ...this.#outer } }); // the way back leads in again
    if (isFocused) setTimeout(() => one(this, ".zoom-out").hidden && one(this, '.segment[aria-pressed="true"]').focus()); // it is gone
    return true;
  }

  /**
   * What is selected: the `name` of a range or "custom", `from` and `to` as days or times, the time zone whose days they are, the
   * parameters of the address, and whether the range is compared: null if it cannot be.
   * @param {{name: string, from: string | null, to: string | null, zone: string | null, query: Query, isCompared: boolean | null}} choice
   */
  set choice({ name, from, to, zone, query, isCompared }) {
    this.#query = query;
    this.#outer = zoomedOut(query);
    one(this, ".zoom-out").hidden = this.#outer === null;
    const compare = one(this, ".compare");
    compare.hidden = isCompared === null;
    compare.setAttribute("aria-pressed", String(isCompared === true));
    const isTimed = [from, to].some((time) => name === "custom" && (time ?? "").length > 10);
    one(this, ".times").textContent = isTimed ? `${timeText(from ?? "", zone)} to ${timeText(to ?? "", zone)}` : "";
    group(this).value = name;
    /** @type {Record<string, string>} */
    const days = { from: from ? timeText(from, zone).slice(0, 10) : "", to: to ? timeText(to, zone).slice(0, 10) : dayIn(zone) };
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
    emit(this, "query-change", { changes: { range: name, from: "", to: "", bucket: "", out: "" } });
  }

  // The days that are shown now, to be changed.
  #chooseDays() {
    const [from, to] = [...this.querySelectorAll("input")].map(({ value }) => value);
    emit(this, "query-change", { changes: { range: "", from, to, bucket: "", out: "" } });
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
    <button type="button" class="button zoom-out" data-testid="zoom-out" title="Back to the range around this one" hidden>${icon("back")}Zoom out</button>
    <button type="button" class="pill compare" data-testid="compare" aria-pressed="true" title="Show what changed since the range before">Compare</button>
    <span class="times" data-testid="range-times"></span>
    <span class="zone" data-testid="zone"></span>`;
}
