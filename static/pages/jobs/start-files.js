/** What the dialog that starts a job offers to choose from: projects, and files of the project as its specification. */
import { delegate, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { fillSelect } from "../../ui/select.js";
import { HERE } from "./start-desk.js";
/** @import {StartDesk} from "./types.js" */

export class StartFiles {
  #root;
  /** @type {StartDesk} */
  #desk = HERE;
  #number = 0; // of the latest question: an answer to one before is not shown

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    delegate(root, "change", "[name=project]", () => this.#loadFiles());
    delegate(root, "change", "[name=file]", () => {
      if (this.#list.value) this.#field("specification").value = this.#list.value;
    });
  }

  /**
   * Offer what this desk has; of another one, nothing any more.
   * @param {StartDesk} desk
   * @param {string[]} known projects
   */
  turnTo(desk, known) {
    this.#desk = desk;
    this.#offer(known);
    this.#show([]);
  }

  /** Ask for its projects, and for the files of the one that is filled in. What cannot be had is not offered. */
  async load() {
    const desk = this.#desk;
    const names = await desk.projects().catch(() => []);
    if (desk !== this.#desk) return;
    this.#offer([...this.#offered, ...names]);
    await this.#loadFiles();
  }

  async #loadFiles() {
    const number = (this.#number += 1);
    const project = this.#field("project").value.trim();
    const files = project === "" ? [] : await this.#desk.specifications(project).catch(() => []);
    if (number === this.#number) this.#show(files);
  }

  /** @param {string[]} files */
  #show(files) {
    this.#number += 1;
    one(this.#root, ".start-files").hidden = files.length === 0;
    fillSelect(this.#list, { choices: files.map((file) => [file, file]), value: "", any: "None: what is written above" });
  }

  /** @param {string[]} names */
  #offer(names) {
    render(one(this.#root, "datalist"), html`${[...new Set(names)].sort().map((name) => html`<option value="${name}"></option>`)}`);
  }

  get #offered() {
    return [.../** @type {HTMLDataListElement} */ (one(this.#root, "datalist")).options].map(({ value }) => value);
  }

  /** @param {string} name @returns {HTMLInputElement} */
  #field(name) {
    return one(this.#root, `[name=${name}]`);
  }

  /** @returns {HTMLSelectElement} */
  get #list() {
    return one(this.#root, "[name=file]");
  }
}
