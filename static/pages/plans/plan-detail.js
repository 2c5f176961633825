/** One plan: its head and phases, and below them its tasks, graph, findings, or runs: `plan-detail`. */
import { define, emit, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { lazily } from "../../lib/lazy.js";
import { atMostEvery } from "../../lib/signals.js";
import { put } from "../../ui/put.js";
import { say, state } from "../../ui/state.js";
import { tabBar } from "../../ui/tabs.js";
import { getFindings, getPlan } from "./api.js";
import { headOf } from "./plan-head.js";
import { historyOf } from "./plan-history.js";
import { linkPhases, phaseNotesOf, phasesOf } from "./plan-phases.js";
import * as planFindings from "./plan-findings.js";
import * as planGraph from "./plan-graph.js";
import * as planLog from "./plan-log.js";
import * as planOrchestrators from "./plan-orchestrators.js";
import * as planTasks from "./plan-tasks.js";
import { withTask } from "./plan-model.js";
/** @import {Markup, PlanRow, PlanTask, PlanTaskEvent} from "../../lib/types.js" */
/** @import {Plans} from "../../stores/plans.js" */
/** @import {Plan} from "./types.js" */

const loadTimeline = lazily(() => import("./plan-timeline.js"), import.meta.resolve("./plan-timeline.js"));

const AGAIN_MS = 700;
const TABS = [
  { name: "tasks", label: "Tasks" },
  { name: "graph", label: "Graph" },
  { name: "timeline", label: "Timeline" },
  { name: "findings", label: "Findings" },
  { name: "log", label: "Log" },
  { name: "orchestrator", label: "Orchestrator" },
  { name: "history", label: "Runs and activity" },
];
const NEEDS_NO_PLAN = new Set(["log", "orchestrator"]); // what they show is asked for apart

export class PlanDetail extends HTMLElement {
  /** @type {PlanRow | null} */
  #row = null;
  #isRefused = false; // the service could not say what is in it
  /** @type {Plan | null} */
  #plan = null;
  /** @type {Map<string | null, string>} */
  #findings = new Map(); // task → path
  /** @type {Record<string, string>} */
  #query = {};
  #again = atMostEvery(AGAIN_MS, () => this.#load());

  connectedCallback() {
    if (this.firstChild) return;
    render(this, frame());
    this.addEventListener("tab-choose", ({ detail: { name } }) => emit(this, "query-change", { changes: { tab: name === "tasks" ? null : name } }));
  }

  /** Join it to what the service says of plans. @param {Plans} plans */
  setUp(plans) {
    plans.addEventListener("task", ({ detail }) => this.#isOwn(detail.plan) && this.#takeTask(detail));
    plans.addEventListener("plan", ({ detail }) => this.#isOwn(detail) && this.#again());
    plans.addEventListener("reset", () => this.refresh());
  }

  /** Show a plan as the address says. @param {PlanRow} row @param {Record<string, string>} query */
  show(row, query) {
    const isOther = row.name !== this.#row?.name || this.hidden;
    this.#row = row;
    this.#query = query;
    this.hidden = false;
    if (isOther) {
      this.#plan = null;
      this.#isRefused = false;
      this.#load();
    }
    this.#draw();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.hidden = true;
    for (const part of this.#following) part.hide();
  }

  /** Something may have been missed: read it again. */
  refresh() {
    if (!this.hidden && this.#row) this.#again();
  }

  /** @param {string} name */
  #isOwn(name) {
    return !this.hidden && this.#row?.name === name;
  }

  async #load() {
    const name = this.#row?.name;
    if (this.hidden || name === undefined) return;
    try {
      const [plan, files] = await Promise.all([getPlan(name), this.#row?.findings ? getFindings(name) : []]);
      if (!this.#isOwn(name)) return;
      this.#findings = new Map(files.map(({ taskId, path }) => [taskId, path]));
      this.#plan = { ...plan, tasks: plan.tasks.map((task) => this.#withFindings(task)) };
      this.#say(null);
    } catch (error) {
      if (!this.#isOwn(name)) return;
      this.#isRefused = true;
      this.removeAttribute("data-loading");
      this.#say(state({ name: "plan-failed", sign: "alert", isAlert: true, isPart: true, title: "The plan cannot be shown", text: /** @type {Error} */ (error).message }));
      return;
    }
    this.#draw();
    this.#graph.again();
    this.#timeline?.again();
  }

  /** @param {PlanTaskEvent} event */
  #takeTask({ task, detail }) {
    if (!this.#plan) return;
    this.#plan = withTask(this.#plan, task, detail && this.#withFindings(detail));
    this.#drawSoon();
  }

  /** Findings belong to a task also by the names of their files. @param {PlanTask} task */
  #withFindings(task) {
    return { ...task, findingsPath: task.findingsPath ?? this.#findings.get(task.id) ?? null };
  }

  /** Many tasks may change at once. */
  #drawSoon = atMostEvery(50, () => this.#draw());

  #draw() {
    const [row, plan] = [this.#row, this.#plan];
    if (this.hidden || !row) return;
    put(one(this, ".plan-head"), headOf(row, plan));
    // Below the head nothing is to be seen before the phases are there: they would move it.
    this.toggleAttribute("data-loading", plan === null && !this.#isRefused);
    const tab = TABS.find(({ name }) => name === this.#query.tab)?.name ?? "tasks";
    /** @type {import("../../ui/tabs.js").TabBar} */ (one(this, "tab-bar")).selected = tab;
    one(this, ".plan-panel").setAttribute("aria-labelledby", `plan-tab-${tab}`);
    for (const { name } of TABS) one(this, `.of-${name}`).hidden = name !== tab || !(plan || NEEDS_NO_PLAN.has(name));
    for (const part of this.#following) if (part.hidden) part.hide();
    const phases = plan?.phases ?? [];
    put(one(this, ".plan-phases"), phasesOf(phases));
    linkPhases(one(this, ".plan-phases"), row.name, this.#query);
    put(one(this, ".plan-phase-notes"), phaseNotesOf(phases.find(({ key }) => key === this.#query.phase)));
    if (tab === "log") this.#log.show(row.name);
    if (tab === "orchestrator") this.#orchestrators.show(row.name);
    if (!plan && NEEDS_NO_PLAN.has(tab)) return this.#say(null);
    if (!plan) {
      if (one(this, ".plan-state").hidden) this.#say(state({ name: "plan-loading", isWaiting: true, text: "Loading…" }));
      return;
    }
    if (tab === "tasks") /** @type {planTasks.PlanTasks} */ (one(this, "plan-tasks")).show(plan, this.#query);
    if (tab === "graph") this.#graph.show(plan, this.#query.task ?? null);
    if (tab === "timeline") this.#showTimeline(plan);
    if (tab === "findings") /** @type {planFindings.PlanFindings} */ (one(this, "plan-findings")).show(plan, this.#query.task ?? null);
    if (tab === "history") put(one(this, ".of-history"), historyOf(plan));
  }

  /** It is loaded when it is shown first. @param {Plan} plan */
  #showTimeline(plan) {
    if (this.#timeline) return this.#timeline.show(plan);
    loadTimeline().then(
      ({ register }) => {
        register();
        this.#say(null);
        this.#draw();
      },
      (error) => this.#say(state({ name: "plan-failed", sign: "alert", isAlert: true, isPart: true, title: "The timeline cannot be shown", text: error.message })),
    );
  }

  /** What asks for more while it is shown. */
  get #following() {
    return [this.#log, this.#orchestrators, this.#timeline].filter((part) => part !== null);
  }

  /** @returns {planLog.PlanLog} */
  get #log() {
    return one(this, "plan-log");
  }

  /** @returns {planOrchestrators.PlanOrchestrators} */
  get #orchestrators() {
    return one(this, "plan-orchestrators");
  }

  /** null until it is loaded. @returns {import("./plan-timeline.js").PlanTimeline | null} */
  get #timeline() {
    return customElements.get("plan-timeline") ? /** @type {any} */ (one(this, "plan-timeline")) : null;
  }

  /** @returns {planGraph.PlanGraph} */
  get #graph() {
    return one(this, "plan-graph");
  }

  /** @param {Markup | null} markup */
  #say(markup) {
    say(one(this, ".plan-state"), markup);
  }
}

/** Make the elements known. */
export function register() {
  for (const part of [planTasks, planGraph, planFindings, planLog, planOrchestrators]) part.register();
  define("plan-detail", PlanDetail);
}

function frame() {
  return html`<header class="plan-head"></header><div class="plan-phases"></div><div class="plan-phase-notes"></div>
    ${tabBar({ label: "Of this plan", tabs: TABS, prefix: "plan-tab", panel: "plan-panel", selected: "tasks" })}
    <div id="plan-panel" class="plan-panel" role="tabpanel"><div class="plan-state" hidden></div>
      <plan-tasks class="of-tasks" hidden></plan-tasks><plan-graph class="of-graph" hidden></plan-graph><plan-timeline class="of-timeline" hidden></plan-timeline>
      <plan-findings class="of-findings" hidden></plan-findings><plan-log class="of-log" hidden></plan-log>
      <plan-orchestrators class="of-orchestrator" hidden></plan-orchestrators><div class="of-history" hidden></div></div>`;
}
