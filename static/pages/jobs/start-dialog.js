/** The dialog in which a job is started: `start-dialog`. What it would run is shown whole, and approved by the digest of that. */
import { define, delegate, emit, one, remember, remembered } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { effect } from "../../lib/signals.js";
import { state } from "../../ui/state.js";
import * as api from "./api.js";
import { control, howToSwitchOn, loadControl, reasonOf } from "./control.js";
import { profileView } from "./profile-view.js";
import { frame } from "./start-frame.js";
/** @import {Profile} from "./types.js" */

export class StartDialog extends HTMLElement {
  /** @type {Profile[]} */
  #profiles = [];
  #canApprove = false;
  #isBusy = false;

  connectedCallback() {
    if (this.firstChild) return;
    render(this, frame());
    delegate(this, "click", ".close", () => this.#dialog.close());
    delegate(this, "click", ".approve-button", (_, button) => this.#approve(button.dataset.digest ?? ""));
    delegate(this, "change", "[name=profile]", () => this.#paint());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    effect(() => {
      control.value;
      if (this.#dialog.open) this.#paint();
    });
  }

  /**
   * Open it; `projects` are offered, `project` is filled in.
   * @param {string[]} projects
   * @param {string} [project]
   */
  async open(projects, project = "") {
    render(one(this, "datalist"), html`${projects.map((name) => html`<option value="${name}"></option>`)}`);
    const field = this.#field("project");
    if (project || !field.value) field.value = project;
    this.#say("");
    this.#dialog.showModal();
    this.#paint();
    await Promise.all([loadControl(), this.#loadProfiles()]);
    this.#paint();
  }

  async #loadProfiles() {
    /** @type {HTMLSelectElement} */
    const list = one(this, "[name=profile]");
    try {
      const answer = await api.getProfiles();
      this.#profiles = answer.profiles;
      this.#canApprove = answer.can_approve;
    } catch (error) {
      return this.#say(/** @type {Error} */ (error).message);
    }
    const chosen = list.value || remembered("profile") || "";
    render(list, html`${this.#profiles.map(({ name, approved }) => html`<option value="${name}">${name}${approved ? "" : " (not approved)"}</option>`)}`);
    list.value = this.#profiles.some(({ name }) => name === chosen) ? chosen : (this.#profiles[0]?.name ?? "");
  }

  #paint() {
    const profile = this.#profile;
    const off = one(this, ".start-off");
    off.hidden = control.peek().isOn !== false;
    if (!off.hidden && !off.firstChild) render(off, howToSwitchOn());
    const none = state({ name: "no-profile", isPart: true, sign: "stop", title: "No profile yet", text: "A profile is a command line that may be started. Write one into your own configuration, under profiles." });
    render(one(this, ".start-profile"), profile ? profileView(profile, reasonOf(control.peek()), this.#canApprove) : none);
    const reason = reasonOf(control.peek()) ?? (profile ? (profile.approved ? null : "The profile is not approved.") : "There is no profile.");
    const button = /** @type {HTMLButtonElement} */ (one(this, ".start"));
    button.disabled = reason !== null || this.#isBusy;
    button.title = reason ?? "";
    one(this, ".start-reason").textContent = reason ?? "";
  }

  /** @param {string} digest */
  async #approve(digest) {
    const profile = this.#profile;
    if (!profile) return;
    await this.#busy(async () => {
      await api.approve(profile.name, digest);
      await this.#loadProfiles();
    });
  }

  async #start() {
    const [project, specification, profile] = ["project", "specification", "profile"].map((name) => this.#field(name).value.trim());
    await this.#busy(async () => {
      const { job } = await api.startJob(project, { specification, profile });
      remember("profile", profile);
      this.#field("specification").value = "";
      this.#dialog.close();
      emit(this, "page-open", { page: "jobs", item: job.id });
    });
  }

  /** @param {() => Promise<void>} action */
  async #busy(action) {
    this.#isBusy = true;
    this.#say("");
    this.#paint();
    await action().catch((error) => this.#say(error.message));
    this.#isBusy = false;
    this.#paint();
  }

  /** @param {string} problem */
  #say(problem) {
    one(this, ".start-problem").textContent = problem;
  }

  get #profile() {
    return this.#profiles.find(({ name }) => name === this.#field("profile").value);
  }

  /** @param {string} name @returns {HTMLInputElement} */
  #field(name) {
    return one(this, `[name=${name}]`);
  }

  /** @returns {HTMLFormElement} */
  get #form() {
    return one(this, "form");
  }

  /** @returns {HTMLDialogElement} */
  get #dialog() {
    return one(this, "dialog");
  }
}

/** Make the element known. */
export function register() {
  define("start-dialog", StartDialog);
}
