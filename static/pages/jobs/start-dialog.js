/** The dialog in which a job is started, here or on another host: `start-dialog`. What it would run is shown whole, and approved by the digest of that. */
import { define, delegate, emit, one, remember, remembered } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { put } from "../../ui/put.js";
import { state } from "../../ui/state.js";
import { howThere, howToSwitchOn } from "./control.js";
import { profileView } from "./profile-view.js";
import { HERE, reasonAt } from "./start-desk.js";
import { StartFiles } from "./start-files.js";
import { frame } from "./start-frame.js";
/** @import {ProfileList, StartDesk} from "./types.js" */

export class StartDialog extends HTMLElement {
  /** @type {StartDesk} */
  #desk = HERE;
  /** What the desk has said; null: nothing yet. @type {ProfileList | null} */
  #list = null;
  #isBusy = false;
  #wanted = ""; // the name of the profile that was chosen last, also while none is known
  /** Projects of this host that are known before it is asked. @type {string[]} */
  #known = [];
  /** @type {StartFiles} */
  #files = /** @type {any} */ (null); // from the first connection on

  connectedCallback() {
    if (this.firstChild) return;
    render(this, frame());
    this.#files = new StartFiles(this);
    delegate(this, "click", ".close", () => this.#dialog.close());
    delegate(this, "click", ".approve-button", (_, button) => this.#approve(button.dataset.digest ?? ""));
    delegate(this, "change", "[name=profile]", () => this.#paint());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    this.addEventListener("desk-choose", ({ detail }) => this.#turnTo(detail.desk));
    this.addEventListener("desk-change", () => this.#dialog.open && this.#paint());
  }

  /**
   * Open it; `projects` of this host are offered at once, `project` is filled in.
   * @param {string[]} projects
   * @param {string} [project]
   */
  async open(projects, project = "") {
    const field = this.#field("project");
    if (project || !field.value) field.value = project;
    this.#known = projects;
    this.#dialog.showModal();
    await this.#turnTo(this.#desk);
  }

  /**
   * Ask another host, or the same again. Nothing of the one before stays.
   * @param {StartDesk} desk
   */
  async #turnTo(desk) {
    this.#desk = desk;
    this.#list = null;
    this.#say("");
    this.#files.turnTo(desk, desk === HERE ? this.#known : []);
    this.#fillProfiles();
    this.#paint();
    await this.#loadProfiles();
    this.#paint();
    if (this.#desk === desk && this.#list !== null) await this.#files.load();
  }

  async #loadProfiles() {
    const desk = this.#desk;
    try {
      const list = await desk.profiles();
      if (desk !== this.#desk) return;
      this.#list = list;
      this.#fillProfiles();
    } catch (error) {
      this.#fail(desk, error);
    }
  }

  #fillProfiles() {
    /** @type {HTMLSelectElement} */
    const list = one(this, "[name=profile]");
    const profiles = this.#list?.profiles ?? [];
    this.#wanted = list.value || this.#wanted || remembered("profile") || "";
    render(list, html`${profiles.map(({ name, approved }) => html`<option value="${name}">${name}${approved ? "" : " (not approved)"}</option>`)}`);
    list.value = profiles.some(({ name }) => name === this.#wanted) ? this.#wanted : (profiles[0]?.name ?? "");
  }

  #paint() {
    const profile = this.#profile;
    const { label } = this.#desk;
    const off = one(this, ".start-off");
    off.hidden = this.#list?.control !== false;
    put(off, label === null ? howToSwitchOn() : howThere(label));
    const none = state({ name: "no-profile", isPart: true, sign: "stop", title: "No profile yet", text: `A profile is a command line that may be started. ${label === null ? "Write one into your own configuration, under profiles." : `There is none on ${label}.`}` });
    const why = reasonAt(this.#desk, this.#list);
    put(one(this, ".start-profile"), profile ? profileView(profile, why, this.#list?.can_approve ?? false, label) : this.#list ? none : html``);
    const reason = why ?? (profile ? (profile.approved ? null : "The profile is not approved.") : "There is no profile.");
    const button = /** @type {HTMLButtonElement} */ (one(this, ".start"));
    button.disabled = reason !== null || this.#isBusy;
    button.title = reason ?? "";
    one(this, ".start-reason").textContent = reason ?? "";
  }

  /** @param {string} digest */
  async #approve(digest) {
    const profile = this.#profile;
    if (!profile) return;
    await this.#busy(async (desk) => {
      await desk.approve(profile.name, digest);
      await this.#loadProfiles();
    });
  }

  async #start() {
    const [project, specification, profile] = ["project", "specification", "profile"].map((name) => this.#field(name).value.trim());
    await this.#busy(async (desk) => {
      const { page, item, observer } = await desk.start(project, { specification, profile });
      remember("profile", profile);
      this.#field("specification").value = "";
      this.#dialog.close();
      if (observer === undefined) emit(this, "page-open", { page, item });
      else emit(this, "host-open", { observer, kind: page, id: item });
    });
  }

  /** @param {(desk: StartDesk) => Promise<void>} action */
  async #busy(action) {
    const desk = this.#desk;
    this.#isBusy = true;
    this.#say("");
    this.#paint();
    await action(desk).catch((error) => this.#fail(desk, error));
    this.#isBusy = false;
    this.#paint();
  }

  /**
   * @param {StartDesk} desk
   * @param {unknown} error
   */
  #fail(desk, error) {
    if (desk === this.#desk && !desk.asks(error)) this.#say(/** @type {Error} */ (error).message);
  }

  /** @param {string} problem */
  #say(problem) {
    one(this, ".start-problem").textContent = problem;
  }

  get #profile() {
    return this.#list?.profiles.find(({ name }) => name === this.#field("profile").value);
  }

  /** @param {string} name @returns {HTMLInputElement} */
  #field(name) {
    return one(this, `[name=${name}]`);
  }

  /** @returns {HTMLFormElement} */
  get #form() {
    return one(this, ".start-form");
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
