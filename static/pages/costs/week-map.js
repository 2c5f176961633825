/**
 * The heat map of the week: a table of weekdays and hours in the service's time zone, shaded by what was spent, called or used;
 * with sums, each with its calls. Its cells are walked through with the arrow keys. Emits `query-change {changes}`.
 */
/** @import {SegmentGroup} from "../../ui/segments.js" */
/** @import {Query, Week} from "./types.js" */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { axisMoney, count, money, plural, tokens } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { panel, showProblem } from "../../ui/panel.js";
import { segments } from "../../ui/segments.js";
import { callsLink } from "./calls-link.js";

const LEVELS = 6;
/** @type {Record<string, string>} */
const NAMES = { mon: "Monday", tue: "Tuesday", wed: "Wednesday", thu: "Thursday", fri: "Friday", sat: "Saturday", sun: "Sunday" };

/** @typedef {"cost" | "calls" | "tokens"} Of */
/** @typedef {{cost_usd: number | null, calls: number, unpriced: number, tokens: number}} Cell */
/** @type {Record<Of, {label: string, value: (cell: Cell) => number, text: (cell: Cell) => string, short: (value: number) => string}>} */
const QUANTITIES = {
  cost: { label: "Dollars", value: ({ cost_usd }) => cost_usd ?? 0, text: costText, short: (usd) => (usd < 1_000 ? money(usd) : axisMoney(usd)) },
  calls: { label: "Calls", value: ({ calls }) => calls, text: ({ calls }) => plural(calls, "call"), short: count },
  tokens: { label: "Tokens", value: (cell) => cell.tokens, text: (cell) => `${tokens(cell.tokens)} tokens`, short: tokens },
};

export class WeekMap extends HTMLElement {
  /** The present query, for links. @type {Query} */
  query = {};
  /** @type {Of} */
  #of = "cost";
  /** @type {Week | null} */
  #week = null;
  /** The cell that Tab leads to. */
  #place = "0 9";

  connectedCallback() {
    render(this, frame());
    this.addEventListener("segment-choose", ({ detail: { value } }) => emit(this, "query-change", { changes: { "show-week": value === "cost" ? "" : value } }));
    delegate(this, "keydown", ".hour", (event, cell) => this.#walk(event, /** @type {HTMLElement} */ (cell)));
    delegate(this, "focusin", ".hour", (_, cell) => this.#reach(/** @type {HTMLElement} */ (cell)));
  }

  /** What is summed up: "cost", "calls" or "tokens". @param {string | undefined} of */
  set choice(of) {
    this.#of = of === "calls" || of === "tokens" ? of : "cost";
    /** @type {SegmentGroup} */ (one(this, "segment-group")).value = this.#of;
    this.#draw();
  }

  /** The answer of the service. @param {Week} week */
  set week(week) {
    this.#week = week;
    showProblem(this, null);
    this.#draw();
  }

  /** What went wrong when it was asked for. @param {Error} error */
  set problem(error) {
    showProblem(this, error);
  }

  #draw() {
    const week = this.#week;
    if (!week) return;
    const cells = week.weekdays.map((_, day) => Array.from({ length: 24 }, (_, hour) => cellOf(week, day, hour)));
    const quantity = QUANTITIES[this.#of];
    const most = Math.max(...cells.flat().map(quantity.value));
    const all = sum(cells.flat());
    one(this, ".week-zone").textContent = `Hours in ${week.timezone}, of all weeks in this range.`;
    one(this, ".nothing").hidden = all.calls > 0;
    one(this, ".table-box").hidden = one(this, ".week-key").hidden = all.calls === 0;
    if (all.calls === 0) return;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest(".hour"));
    const had = focused && this.contains(focused) ? focused.dataset.at : null;
    const hourSums = cells[0].map((_, hour) => sum(cells.map((day) => day[hour])));
    const link = (/** @type {Cell} */ cell, /** @type {Query} */ values) => sumCell(cell, quantity, callsLink(this.query, values));
    render(one(this, "table"), html`<caption class="off-screen">${quantity.label} by weekday and hour</caption>
      <thead><tr><th scope="col"><span class="off-screen">Day</span></th>${hourSums.map((_, hour) => html`<th scope="col"><span class="off-screen">${two(hour)}:00 to ${two((hour + 1) % 24)}:00</span><span aria-hidden="true">${hour % 3 ? "" : two(hour)}</span></th>`)}<th scope="col" class="sum">Sum</th></tr></thead>
      <tbody>${cells.map((hours, day) => html`<tr data-testid="week-day"><th scope="row"><abbr title="${NAMES[week.weekdays[day]]}">${NAMES[week.weekdays[day]].slice(0, 3)}</abbr></th>
        ${hours.map((cell, hour) => this.#cell(cell, week.weekdays[day], day, hour, quantity, most))}${link(sum(hours), { weekday: week.weekdays[day] })}</tr>`)}</tbody>
      <tfoot><tr><th scope="row">Sum</th>${hourSums.map((cell, hour) => html`<td class="hour-sum">${this.#hourSum(cell, hour, quantity)}</td>`)}${link(all, {})}</tr></tfoot>`);
    one(this, ".week-most").textContent = most > 0 ? `, up to ${quantity.short(most)}` : "";
    if (had) /** @type {HTMLElement | null} */ (this.querySelector(`.hour[data-at="${had}"]`))?.focus();
  }

  /**
   * @param {Cell} cell
   * @param {string} weekday
   * @param {number} day
   * @param {number} hour
   * @param {typeof QUANTITIES[Of]} quantity
   * @param {number} most
   */
  #cell(cell, weekday, day, hour, quantity, most) {
    const at = `${day} ${hour}`;
    const name = `${NAMES[weekday]} ${two(hour)}:00: ${cell.calls ? `${costText(cell)}, ${plural(cell.calls, "call")}, ${tokens(cell.tokens)} tokens` : "no calls"}`;
    const tab = at === this.#place ? 0 : -1;
    if (cell.calls === 0) return html`<td><span class="hour" data-at="${at}" data-level="0" tabindex="${tab}" title="${name}"><span class="off-screen">no calls</span></span></td>`;
    const level = most > 0 ? Math.max(1, Math.ceil(LEVELS * Math.sqrt(quantity.value(cell) / most))) : 1;
    return html`<td><a class="hour" data-at="${at}" data-level="${level}" tabindex="${tab}" title="${name}" href="${callsLink(this.query, { weekday, hour: String(hour) })}"><span class="off-screen">${quantity.text(cell)}</span></a></td>`;
  }

  /**
   * @param {Cell} cell
   * @param {number} hour
   * @param {typeof QUANTITIES[Of]} quantity
   */
  #hourSum(cell, hour, quantity) {
    if (cell.calls === 0) return html`<span class="off-screen">no calls</span>`;
    const text = `${two(hour)}:00: ${quantity.text(cell)}`;
    return html`<a href="${callsLink(this.query, { hour: String(hour) })}" title="${text}" aria-label="${text}"><span class="hour-bar" data-level="${this.#levelOfSum(cell, quantity)}"></span></a>`;
  }

  /**
   * @param {Cell} cell
   * @param {typeof QUANTITIES[Of]} quantity
   */
  #levelOfSum(cell, quantity) {
    const week = /** @type {Week} */ (this.#week);
    const sums = Array.from({ length: 24 }, (_, hour) => quantity.value(sum(week.weekdays.map((_, day) => cellOf(week, day, hour)))));
    const most = Math.max(...sums);
    return most > 0 ? Math.max(1, Math.ceil((LEVELS * quantity.value(cell)) / most)) : 1;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {HTMLElement} cell
   */
  #walk(event, cell) {
    const [day, hour] = String(cell.dataset.at).split(" ").map(Number);
    const steps = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [day, hour - 1], ArrowRight: [day, hour + 1], ArrowUp: [day - 1, hour], ArrowDown: [day + 1, hour], Home: [day, 0], End: [day, 23] });
    const next = steps[event.key];
    if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    /** @type {HTMLElement | null} */ (this.querySelector(`.hour[data-at="${next.join(" ")}"]`))?.focus();
  }

  /** @param {HTMLElement} cell */
  #reach(cell) {
    if (cell.dataset.at === this.#place) return;
    this.querySelector('.hour[tabindex="0"]')?.setAttribute("tabindex", "-1");
    cell.setAttribute("tabindex", "0");
    this.#place = cell.dataset.at ?? this.#place;
  }
}

/** Make the element known. */
export function register() {
  define("week-map", WeekMap);
}

function frame() {
  const choices = Object.entries(QUANTITIES).map(([value, { label }]) => ({ value, label }));
  return panel({
    name: "week",
    title: "Heat map of the week",
    note: html`<span class="week-zone"></span>`,
    controls: segments({ name: "week", label: "Shaded by", choices }),
    body: html`<p class="nothing" hidden>No calls in this range.</p>
      <div class="table-box" tabindex="0" role="region" aria-label="Hours of the week" hidden><table class="week"></table></div>
      <p class="week-key" hidden aria-hidden="true">less ${Array.from({ length: LEVELS + 1 }, (_, level) => html`<span class="hour" data-level="${level}"></span>`)} more<span class="week-most"></span></p>`,
  });
}

/**
 * @param {Cell} cell
 * @param {typeof QUANTITIES[Of]} quantity
 * @param {string} href
 */
function sumCell(cell, quantity, href) {
  const text = quantity.text(cell);
  return html`<td class="sum">${cell.calls ? html`<a href="${href}" title="${text}">${quantity === QUANTITIES.cost && cell.cost_usd === null ? "unpriced" : quantity.short(quantity.value(cell))}</a>` : "0"}</td>`;
}

/**
 * @param {Week} week
 * @param {number} day
 * @param {number} hour
 * @returns {Cell}
 */
function cellOf(week, day, hour) {
  return { cost_usd: week.cost_usd[day][hour], calls: week.calls[day][hour], unpriced: week.unpriced_calls[day][hour], tokens: week.tokens[day][hour] };
}

/** @param {Cell[]} cells @returns {Cell} */
function sum(cells) {
  const add = (/** @type {"calls" | "unpriced" | "tokens"} */ name) => cells.reduce((total, cell) => total + cell[name], 0);
  const [calls, unpriced] = [add("calls"), add("unpriced")];
  const known = cells.reduce((total, { cost_usd }) => total + (cost_usd ?? 0), 0);
  return { cost_usd: calls > 0 && calls === unpriced ? null : known, calls, unpriced, tokens: add("tokens") };
}

/** @param {Cell} cell */
function costText({ cost_usd, unpriced }) {
  if (cost_usd === null) return "unpriced";
  return unpriced ? `${money(cost_usd)} + ${count(unpriced)} unpriced` : money(cost_usd);
}

/** @param {number} hour */
function two(hour) {
  return String(hour).padStart(2, "0");
}
