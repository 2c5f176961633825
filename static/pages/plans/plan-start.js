/** The dialog in which the orchestrator of a plan is started: how, for which tasks, and what is run: `plan-start`. */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { count, plural } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { effect } from "../../lib/signals.js";
import { HttpError } from "../../live/http.js";
import { rowList } from "../../ui/row-list.js";
import * as jobsApi from "../jobs/api.js";
import { profileView } from "../jobs/profile-view.js";
import { getPlan, startPlan } from "./api.js";
import { loadOverview, overview } from "./control.js";
import { withoutId } from "./plan-model.js";
import { frame } from "./plan-start-frame.js";
import { statusMark } from "./statuses.js";
/** @import {ListElement, PlanTask} from "../../lib/types.js" */
/** @import {VirtualList} from "../../ui/virtual-list.js" */
/** @import {Profile} from "../jobs/types.js" */
/** @typedef {{key: string, task: PlanTask, isChosen: boolean}} Item */

export class PlanStart extends HTMLElement {
  #plan = "";
  /** @type {PlanTask[]} */
  #tasks = []; // those that are not finished
  /** @type {Set<string>} */
  #chosen = new Set();
  /** @type {Profile | null} */
  #profile = null;
  #canApprove = false;
  #isBusy = false;
  /** @type {VirtualList<Item, ListElement>} */
  #list = /** @type {any} */ (null); // until it is connected

  connectedCallback() {
    if (this.#list) return;
    render(this, frame());
    this.#list = rowList(one(this, ".start-view"), one(this, ".start-rows"), { make: newRow, fill });
    delegate(this, "click", ".close", () => this.#dialog.close());
    delegate(this, "click", ".approve-button", (_, button) => this.#approve(button.dataset.digest ?? ""));
    delegate(this, "change", "[name=which]", () => this.#paint());
    delegate(this, "change", "[name=task]", (_, /** @type {HTMLInputElement} */ box) => this.#choose(box.value, box.checked));
    delegate(this, "input", "[name=filter]", () => this.#paintTasks());
    one(this, "form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    effect(() => {
      overview.value;
      if (this.#dialog.open) this.#paint();
    });
  }

  /** @param {string} plan @param {string} title */
  async open(plan, title) {
    if (plan !== this.#plan) {
      this.#tasks = [];
      this.#chosen.clear();
      /** @type {HTMLFormElement} */ (one(this, "form")).reset();
    }
    this.#plan = plan;
    one(this, ".start-name").textContent = title;
    this.#say("", null);
    this.#dialog.showModal();
    this.#paint();
    await Promise.all([loadOverview(), this.#loadProfile(), this.#loadTasks()]);
    this.#paint();
  }

  async #loadTasks() {
    const name = this.#plan;
    try {
      const { tasks } = await getPlan(name);
      if (name !== this.#plan) return;
      this.#tasks = tasks.filter(({ status }) => status !== "completed" && status !== "skipped");
      const known = new Set(this.#tasks.map(({ id }) => id));
      for (const id of this.#chosen) if (!known.has(id)) this.#chosen.delete(id);
    } catch (error) {
      this.#say(/** @type {Error} */ (error).message, null);
    }
  }

  async #loadProfile() {
    try {
      const { profiles, can_approve } = await jobsApi.getProfiles();
      const wanted = overview.peek()?.start.profile ?? "orchestrator";
      this.#profile = profiles.find(({ name }) => name === wanted) ?? null;
      this.#canApprove = can_approve;
    } catch (error) {
      this.#say(/** @type {Error} */ (error).message, null);
    }
  }

  #paint() {
    const known = overview.peek();
    const isSome = this.#form.get("which") === "some";
    one(this, ".start-tasks").hidden = !isSome;
    this.#paintTasks();
    const place = one(this, ".start-profile");
    render(place, this.#profile ? profileView(this.#profile, known?.control ? null : "Control is off.", this.#canApprove) : html``);
    const isApproved = this.#profile?.approved === true;
    const refused = known && !known.start.allowed && !(known.start.needsApproval && isApproved) ? known.start.reason : null;
    const reason = refused ?? (isSome && this.#chosen.size === 0 ? "No task is chosen." : null);
    const button = /** @type {HTMLButtonElement} */ (one(this, ".start"));
    button.disabled = reason !== null || this.#isBusy;
    button.textContent = this.#isBusy ? "Starting…" : "Start";
    button.title = reason ?? "";
    one(this, ".start-reason").textContent = reason ?? (this.#isBusy ? "Waiting for its first sign of life." : "");
  }

  #paintTasks() {
    const wanted = String(this.#form.get("filter") ?? "").trim().toLowerCase();
    const shown = this.#tasks.filter(({ id, description }) => !wanted || `${id} ${description}`.toLowerCase().includes(wanted));
    this.#list.show(shown.map((task) => ({ key: task.id, task, isChosen: this.#chosen.has(task.id) })));
    const left = wanted ? `${count(shown.length)} of ${plural(this.#tasks.length, "task")} not finished` : `${plural(this.#tasks.length, "task")} not finished`;
    one(this, ".start-sum").textContent = `${count(this.#chosen.size)} chosen, ${left}`;
  }

  /** @param {string} id @param {boolean} isChosen */
  #choose(id, isChosen) {
    if (isChosen) this.#chosen.add(id);
    else this.#chosen.delete(id);
    this.#paint();
  }

  /** @param {string} digest */
  async #approve(digest) {
    const profile = this.#profile;
    if (!profile) return;
    await this.#busy(async () => {
      await jobsApi.approve(profile.name, digest);
      await Promise.all([this.#loadProfile(), loadOverview()]);
    });
  }

  async #start() {
    const form = this.#form;
    const plan = this.#plan;
    const mode = form.get("mode") === "continuous" ? "continuous" : "batch";
    const tasks = form.get("which") === "some" ? this.#tasks.map(({ id }) => id).filter((id) => this.#chosen.has(id)) : [];
    await this.#busy(async () => {
      const { message } = await startPlan(plan, { mode, tasks, autonomous: form.get("autonomous") === "on" });
      emit(this, "toast", { tone: "good", title: `${plan} has started`, text: message, key: `plan-${plan}` });
      this.#dialog.close();
      loadOverview();
    });
  }

  /** @param {() => Promise<void>} action */
  async #busy(action) {
    this.#isBusy = true;
    this.#say("", null);
    this.#paint();
    await action().catch((error) => {
      const log = error instanceof HttpError ? error.details.log : null;
      this.#say(error.message, typeof log === "string" ? log : null);
      emit(this, "toast", { tone: "bad", title: `${this.#plan} could not be started`, text: error.message, key: `plan-${this.#plan}` });
    });
    this.#isBusy = false;
    this.#paint();
  }

  /** @param {string} problem @param {string | null} log The end of the log of a start that failed. */
  #say(problem, log) {
    one(this, ".start-problem").textContent = problem;
    one(this, ".start-failed").hidden = log === null;
    one(this, ".start-log").textContent = log || "It wrote nothing.";
    if (problem) one(this, ".start-problem").scrollIntoView({ block: "nearest" });
  }

  get #form() {
    return new FormData(/** @type {HTMLFormElement} */ (one(this, "form")));
  }

  /** @returns {HTMLDialogElement} */
  get #dialog() {
    return one(this, "dialog");
  }
}

/** Make the element known. */
export function register() {
  define("plan-start", PlanStart);
}

function newRow() {
  const element = /** @type {ListElement} */ (document.createElement("div"));
  element.className = "start-row";
  element.setAttribute("role", "listitem");
  return element;
}

/** @param {ListElement & {shown?: string}} element @param {Item} item */
function fill(element, { task, isChosen }) {
  const shown = JSON.stringify([task.id, task.description, task.status]);
  if (element.shown !== shown) {
    element.shown = shown;
    render(element, html`<label class="start-task"><input type="checkbox" name="task" value="${task.id}" data-testid="start-task" />${statusMark(task.status, true)}<span class="task-id">${task.id}</span><span class="start-text" dir="auto">${withoutId(task.id, task.description)}</span></label>`);
    element.focusTarget = /** @type {HTMLElement} */ (one(element, "input"));
  }
  /** @type {HTMLInputElement} */ (one(element, "input")).checked = isChosen;
}
