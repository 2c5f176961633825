/** What ran when in a plan, and the plan as it was after each recorded change: `plan-timeline`. */
import { define, delegate, one } from "../../lib/dom.js";
import { clock, count, dateTime, latency, plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { indexFor } from "../../lib/layout.js";
import { address } from "../../lib/router.js";
import { atMostEvery, oncePerFrame } from "../../lib/signals.js";
import { rowList } from "../../ui/row-list.js";
import { say, state } from "../../ui/state.js";
import { getHistory } from "./api.js";
import { withoutId } from "./plan-model.js";
import { Replay, cellPaths, progressOf } from "./replay.js";
import { STATUSES, labelOf, progressBar } from "./statuses.js";
import { TimeScale, spansOf } from "./time-scale.js";
/** @import {ListElement} from "../../lib/types.js" */
/** @import {VirtualList} from "../../ui/virtual-list.js" */
/** @import {Span} from "./time-scale.js" */
/** @import {Plan} from "./types.js" */
/** @typedef {ListElement & {shown?: string}} RowElement */

const AGAIN_MS = 2_000;
const PLAY_MS = 12_000; // the whole plan
const TICK_MS = 100;
const TICKS = { wide: 6, narrow: 2 };

export class PlanTimeline extends HTMLElement {
  /** @type {Plan | null} */
  #plan = null;
  #of = "";
  /** @type {Replay | null} */
  #replay = null;
  #isComplete = true;
  #atEnd = true; // it follows what comes
  #playing = 0;
  /** @type {VirtualList<Span, RowElement>} */
  #list = /** @type {any} */ (null); // until it is connected
  #scale = new TimeScale([], 0);
  #now = 0;
  #again = atMostEvery(AGAIN_MS, () => this.#load());
  #paintStep = oncePerFrame(() => this.#paintReplay());

  connectedCallback() {
    if (this.#list) return;
    render(this, frame());
    this.#list = rowList(one(this, ".gantt-view"), one(this, ".gantt-rows"), { make: newRow, fill: (element, span) => this.#fill(element, span) });
    delegate(this, "input", ".replay-step", () => this.#moved());
    delegate(this, "click", ".replay-play", () => (this.#playing ? this.#pause() : this.#play()));
    delegate(this, "change", "[name=whole-time]", () => this.#paintGantt());
    delegate(this, "keydown", ".gantt-row", (event, row) => {
      const index = indexFor(event.key, this.#list.indexOf(/** @type {RowElement} */ (row).keyedBy), { length: this.#list.items.length, page: this.#list.page });
      if (index === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.#list.focus(index);
    });
    new ResizeObserver(() => this.#plan && !this.hidden && this.#paintAxis()).observe(one(this, ".gantt"));
  }

  /** @param {Plan} plan */
  show(plan) {
    const isOther = plan.name !== this.#of;
    const isSame = plan === this.#plan && !isOther;
    this.#plan = plan;
    this.#of = plan.name;
    if (isOther) {
      this.#replay = null;
      this.#atEnd = true;
      this.#pause();
      this.#load();
    }
    if (!isSame) this.#paintGantt();
  }

  /** The plan has changed: what is recorded has too. */
  again() {
    if (!this.hidden && this.#of) this.#again();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#pause();
    this.#of = "";
  }

  async #load() {
    const name = this.#of;
    if (this.hidden || !name) return;
    try {
      const { changes, isComplete } = await getHistory(name);
      if (name !== this.#of || !this.#plan) return;
      this.#replay = new Replay(this.#plan.tasks, changes);
      this.#isComplete = isComplete;
      say(one(this, ".replay-state"), changes.length === 0 ? state({ name: "no-history", isPart: true, sign: "clock", title: "Nothing is recorded yet" }) : null);
    } catch (error) {
      if (name === this.#of) say(one(this, ".replay-state"), state({ name: "history-failed", isPart: true, isAlert: true, sign: "alert", title: "What is recorded cannot be shown", text: /** @type {Error} */ (error).message }));
      return;
    }
    const slider = this.#slider;
    const length = this.#replay.length;
    slider.max = String(length);
    if (this.#atEnd) slider.value = String(length);
    one(this, ".replay-body").hidden = length === 0;
    this.#paintReplay();
  }

  #moved() {
    this.#pause();
    this.#atEnd = this.#step === this.#replay?.length;
    this.#paintStep();
  }

  #play() {
    const replay = this.#replay;
    if (!replay) return;
    if (this.#step >= replay.length) this.#slider.value = "0";
    this.#atEnd = false;
    const ahead = Math.max(1, Math.ceil((replay.length * TICK_MS) / PLAY_MS));
    const pause_ms = Math.max(TICK_MS, (PLAY_MS * ahead) / Math.max(40, replay.length));
    this.#playing = Number(setInterval(() => {
      const next = Math.min(replay.length, this.#step + ahead);
      this.#slider.value = String(next);
      this.#paintStep();
      if (next < replay.length) return;
      this.#atEnd = true;
      this.#pause();
    }, pause_ms));
    this.#paintStep();
  }

  #pause() {
    clearInterval(this.#playing);
    this.#playing = 0;
    this.#paintStep();
  }

  #paintReplay() {
    const [replay, plan] = [this.#replay, this.#plan];
    if (!replay || !plan || this.hidden || replay.length === 0) return;
    const step = this.#step;
    const statuses = replay.statusesAt(step);
    const progress = progressOf(statuses);
    const change = replay.changeAt(step);
    const cells = cellPaths(statuses);
    const said = change ? html`<time datetime="${change.time}">${dateTime(change.time)}:${clock(change.time).slice(-2)}</time> <a class="task-id" href="${address({ page: "plans", item: plan.name, query: { task: change.task } })}">${change.task}</a> ${change.status === null ? "was taken out" : labelOf(change.status).toLowerCase()}` : html`Before the first change`;
    const [sign, label] = this.#playing ? ["pause", "Pause"] : ["play", "Play"];
    const button = one(this, ".replay-play");
    if (button.dataset.sign !== sign) render(button, html`${icon(sign)}${label}`);
    button.dataset.sign = sign;
    this.#slider.setAttribute("aria-valuetext", `${step} of ${replay.length} changes${change ? `, ${dateTime(change.time)}` : ""}`);
    one(this, ".replay-count").textContent = `${count(step)} of ${plural(replay.length, "change")}${this.#isComplete ? "" : "; older ones are left out"}`;
    render(one(this, ".replay-said"), said);
    render(one(this, ".replay-progress"), html`<strong data-testid="replay-share">${progress.percentage} %</strong>${progressBar(progress, "Progress then")}`);
    render(one(this, ".replay-cells"), html`<svg viewBox="0 0 ${cells.width} ${cells.height}" width="${cells.width}" height="${cells.height}" role="img" aria-label="${progress.completed + progress.skipped} of ${progress.total} tasks were finished">${cells.paths.map(({ status, path }) => html`<path data-status="${status}" d="${path}"></path>`)}</svg>`);
    const cursor = one(this, ".gantt-cursor");
    const time = change ? Date.parse(change.time) : NaN;
    cursor.hidden = Number.isNaN(time) || this.#atEnd;
    if (!cursor.hidden) cursor.style.setProperty("--at", String(this.#scale.at(time)));
  }

  #paintGantt() {
    const plan = this.#plan;
    if (!plan || this.hidden) return;
    const spans = spansOf(plan.tasks);
    this.#now = Date.now();
    this.#scale = new TimeScale(spans, this.#now, !this.#isWhole);
    one(this, ".gantt").hidden = spans.length === 0;
    const left = plan.tasks.length - spans.length;
    one(this, ".gantt-sum").textContent = `${plural(spans.length, "task")} began${left > 0 ? `, ${count(left)} did not, or nobody wrote down when` : ""}`;
    say(one(this, ".gantt-state"), spans.length === 0 ? state({ name: "no-times", isPart: true, sign: "clock", title: "No task has begun", text: "When tasks ran is taken from the times in the status file." }) : null);
    this.#list.show(spans);
    this.#paintAxis();
    this.#paintStep();
  }

  #paintAxis() {
    const ticks = this.#scale.ticks(one(this, ".gantt").clientWidth > 700 ? TICKS.wide : TICKS.narrow);
    let day = "";
    const texts = ticks.map(({ at, time }) => {
      const text = dateTime(new Date(time).toISOString());
      const shown = text.slice(0, 10) === day ? clock(new Date(time).toISOString()) : text;
      day = text.slice(0, 10);
      return html`<text x="${(at * 100).toFixed(2)}%" y="12">${shown}</text>`;
    });
    render(one(this, ".gantt-axis"), html`<svg width="100%" height="18" aria-hidden="true" focusable="false">${texts}</svg>`);
  }

  /** @param {RowElement} element @param {Span} span */
  #fill(element, { task, from, to }) {
    const [at, until] = [this.#scale.at(from), this.#scale.at(to ?? this.#now)];
    const length = (to ?? this.#now) - from;
    const plan = this.#of;
    const shown = JSON.stringify([plan, task.status, task.description, at, until, length]);
    if (element.shown === shown) return;
    element.shown = shown;
    Object.assign(element.dataset, { testid: "gantt-row", task: task.id, status: task.status });
    const pauses = this.#scale.pieces.filter(({ isPause }) => isPause);
    const label = `${task.id}: ${labelOf(task.status)}, from ${dateTime(new Date(from).toISOString())}, ${to === null ? "for " : ""}${latency(length)}`;
    const link = /** @type {HTMLAnchorElement} */ (element.focusTarget);
    link.setAttribute("href", address({ page: "plans", item: plan, query: { task: task.id } }));
    link.title = label;
    render(link, html`<span class="gantt-label"><span class="task-id">${task.id}</span><span class="task-text" dir="auto">${withoutId(task.id, task.description)}</span></span><span class="off-screen">${label}</span>
      <svg class="gantt-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">${pauses.map((piece) => html`<rect class="gantt-pause" x="${(piece.at * 1000).toFixed(2)}" y="0" width="${(piece.size * 1000).toFixed(2)}" height="10"></rect>`)}<rect data-status="${task.status}" x="${(at * 1000).toFixed(2)}" y="1.5" width="${Math.max(2, (until - at) * 1000).toFixed(2)}" height="7"></rect></svg>`);
  }

  get #isWhole() {
    return /** @type {HTMLInputElement} */ (one(this, "[name=whole-time]")).checked;
  }

  get #step() {
    return Number(this.#slider.value);
  }

  /** @returns {HTMLInputElement} */
  get #slider() {
    return one(this, ".replay-step");
  }
}

/** Make the element known. */
export function register() {
  define("plan-timeline", PlanTimeline);
}

function frame() {
  return html`<section class="panel replay" aria-labelledby="replay-title" data-testid="replay"><header class="panel-top"><div class="panel-text"><h3 id="replay-title">Replay</h3><p class="panel-note">The plan as it was after each change that was recorded</p></div></header>
      <div class="replay-state" hidden></div>
      <div class="replay-body" hidden><div class="replay-bar"><button type="button" class="button replay-play" data-testid="replay-play"></button><input type="range" class="replay-step" min="0" max="0" step="1" aria-label="Change" data-testid="replay-step" /><span class="replay-count faint" data-testid="replay-count"></span></div>
        <p class="replay-said" data-testid="replay-said"></p><div class="replay-progress"></div><div class="replay-cells" data-testid="replay-cells"></div>
        <ul class="replay-legend" aria-label="Colours">${Object.keys(STATUSES).map((status) => html`<li data-status="${status}">${labelOf(status)}</li>`)}</ul></div></section>
    <section class="panel" aria-labelledby="gantt-title"><header class="panel-top"><div class="panel-text"><h3 id="gantt-title">What ran when</h3><p class="panel-note gantt-sum"></p></div>
        <div class="panel-controls"><label class="gantt-whole"><input type="checkbox" name="whole-time" data-testid="gantt-whole" />Show pauses in full</label></div></header>
      <div class="gantt-state" hidden></div>
      <div class="gantt" hidden><div class="gantt-axis"></div><div class="gantt-view"><div class="gantt-rows" role="list" aria-label="Tasks by the time at which they began"></div></div><div class="gantt-cursor" aria-hidden="true" hidden></div></div></section>`;
}

/** @returns {RowElement} */
function newRow() {
  const element = /** @type {RowElement} */ (document.createElement("div"));
  element.className = "gantt-row";
  element.setAttribute("role", "listitem");
  const link = document.createElement("a");
  element.append(link);
  element.focusTarget = link;
  return element;
}
