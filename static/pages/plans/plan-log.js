/** The log of a plan's orchestrator while it is written; at its end it is followed: `plan-log`. */
import { ansiPieces, isAnsi, newParser } from "../../lib/ansi.js";
import { define, delegate, one } from "../../lib/dom.js";
import { count, plural } from "../../lib/format.js";
import { partsOf } from "../../lib/hidden.js";
import { html, icon, render } from "../../lib/html.js";
import { lowerBound } from "../../lib/layout.js";
import { oncePerFrame } from "../../lib/signals.js";
import { say, state } from "../../ui/state.js";
import { RowScroller } from "../../ui/row-scroller.js";
import { LogLines, MOST_LINES } from "./log-lines.js";
import { followLog } from "./log-stream.js";
/** @import {RowElement} from "../../ui/row-elements.js" */
/** @import {LogLine} from "./log-lines.js" */
/** @import {EventStream, StreamState} from "../../lib/event-stream.js" */

const FIRST_LINES = 2_000;
const ROW_PX = 20;

export class PlanLog extends HTMLElement {
  #of = "";
  #lines = new LogLines();
  /** Those that pass the filters. @type {LogLine[]} */
  #shown = [];
  /** @type {RowScroller} */
  #scroller = /** @type {any} */ (null); // until it is connected
  /** @type {EventStream | null} */
  #reading = null;
  /** @type {StreamState} */
  #state = "connecting";
  #problem = "";
  #paint = oncePerFrame(() => this.#paintNow());

  connectedCallback() {
    if (this.#scroller) return;
    render(this, frame());
    this.#scroller = new RowScroller(one(this, ".log-view"), one(this, ".log-space"), one(this, ".log-rows"), {
      rowHeight: ROW_PX,
      make: newRow,
      fill: (element, row) => fill(element, this.#shown[row]),
      onDraw: () => {},
      onMove: () => one(this, ".to-end").toggleAttribute("data-following", this.#scroller.isStuck),
    });
    delegate(this, "click", ".to-end", () => this.#scroller.toEnd());
    delegate(this, "input", "input", () => this.#paint());
  }

  /** Show the log of a plan, and follow it until it is hidden. @param {string} plan */
  show(plan) {
    if (plan === this.#of) return;
    this.hide();
    this.#of = plan;
    this.#lines.clear();
    this.#scroller.isStuck = true;
    this.#state = "connecting";
    const onState = (/** @type {StreamState} */ state, /** @type {string} */ problem) => {
      [this.#state, this.#problem] = [state, problem];
      this.#paint();
    };
    this.#reading = followLog(plan, FIRST_LINES, { onLines: (lines, isNew) => this.#take(lines, isNew), onState });
    this.#paint();
  }

  /** It is hidden: read nothing. */
  hide() {
    this.#reading?.close();
    this.#of = "";
  }

  /** @param {string[]} lines @param {boolean} isNew */
  #take(lines, isNew) {
    if (isNew) this.#lines.clear();
    this.#lines.add(lines);
    this.#paint();
  }

  #paintNow() {
    if (!this.#of) return;
    const { lines } = this.#lines;
    const [text, serious] = [/** @type {HTMLInputElement} */ (one(this, "[name=log-filter]")), /** @type {HTMLInputElement} */ (one(this, "[name=serious]"))];
    const shown = this.#lines.shown(text.value, serious.checked);
    const isOpen = this.#state === "open";
    one(this, ".log-sum").textContent = `${shown.length < lines.length ? `${count(shown.length)} of ` : ""}${plural(lines.length, "line")}${lines.length === MOST_LINES ? ", the last ones" : ""}`;
    one(this, ".log-live").dataset.state = this.#state;
    one(this, ".log-live").textContent = isOpen ? "Live" : this.#state === "connecting" ? "Connecting…" : this.#state === "waiting" ? "Connection lost; trying again" : this.#problem;
    one(this, ".log-view").hidden = shown.length === 0;
    say(one(this, ".log-none"), shown.length > 0 ? null : this.#none(lines.length));
    this.#list(shown);
  }

  /** Show these lines. Who does not follow the end stays at the line at the upper edge, wherever in the list it is now. @param {LogLine[]} shown */
  #list(shown) {
    const first = this.#shown[this.#scroller.first];
    this.#shown = shown;
    this.#scroller.rows = shown.length;
    if (first === undefined || this.#scroller.isStuck) return;
    const row = lowerBound(shown.map(({ key }) => Number(key)), Number(first.key));
    if (row !== this.#scroller.first) this.#scroller.first = row;
  }

  /** @param {number} size */
  #none(size) {
    if (size > 0) return state({ name: "no-such-lines", isPart: true, sign: "filter", title: "No line passes the filter" });
    if (this.#state !== "open") return state({ isWaiting: this.#state !== "failed", text: this.#problem || "Loading the log…" });
    return state({ name: "no-plan-log", isPart: true, sign: "text", title: "No log yet", text: "What its orchestrator writes appears here, line by line." });
  }

}

/** Make the element known. */
export function register() {
  define("plan-log", PlanLog);
}

function frame() {
  return html`<header class="log-top"><span class="log-live" role="status" data-testid="log-live"></span><span class="log-sum" data-testid="log-sum"></span>
      <label class="log-serious"><input type="checkbox" name="serious" />Warnings and errors</label><input type="search" name="log-filter" class="log-filter" placeholder="Filter the lines" aria-label="Filter the lines" autocomplete="off" spellcheck="false" data-testid="log-filter" />
      <button type="button" class="button to-end" data-testid="log-end">${icon("down")}To the end</button></header>
    <div class="log-none" hidden></div>
    <div class="log-view" role="log" aria-live="off" aria-label="Log of the orchestrator" tabindex="0" data-testid="log-view"><div class="log-space"><div class="log-rows"></div></div></div>`;
}

/** @returns {RowElement} */
function newRow() {
  const element = document.createElement("div");
  element.className = "log-row";
  element.dataset.testid = "log-row";
  return element;
}

/** @param {RowElement & {shown?: LogLine}} element @param {LogLine} line */
function fill(element, line) {
  if (element.shown === line) return;
  element.shown = line;
  element.dataset.level = line.level;
  element.replaceChildren(...(isAnsi(line.text) ? coloured(line.text) : partsOf(line.text)));
}

/** @param {string} text */
function coloured(text) {
  const pieces = ansiPieces(text, newParser());
  return pieces.flatMap((style, index) => {
    if (index % 2 === 1) return [];
    const span = document.createElement("span");
    span.className = style;
    span.append(...partsOf(pieces[index + 1]));
    return [span];
  });
}
