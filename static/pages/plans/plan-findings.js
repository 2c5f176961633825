/** The findings of a plan: the files, and one of them rendered and made harmless: `plan-findings`. */
import { define, keyed, one } from "../../lib/dom.js";
import { bytes, fileName } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { showMarkdown } from "../../lib/long-markdown.js";
import { plain } from "../../lib/markdown.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { state } from "../../ui/state.js";
import { getFinding, getFindings } from "./api.js";
/** @import {Markup} from "../../lib/types.js" */
/** @import {FindingFile, Plan} from "./types.js" */

const NOWHERE = { addressOf: () => null, pictureAt: () => null };

export class PlanFindings extends HTMLElement {
  #asked = "";
  #read = "";
  #reading = new AbortController();
  /** @type {FindingFile[]} */
  #files = [];
  /** @type {Plan | null} */
  #plan = null;
  /** @type {string | null} */
  #task = null;

  connectedCallback() {
    if (this.firstChild) return;
    render(this, html`<ol class="finding-files" data-testid="findings"></ol><section class="panel finding" aria-label="The chosen findings" hidden><p class="finding-path"><code></code></p><article class="prose" data-testid="finding"></article></section><div class="finding-state" hidden></div>`);
  }

  /** Show the files, and those findings whose task is chosen. @param {Plan} plan @param {string | null} task */
  show(plan, task) {
    [this.#plan, this.#task] = [plan, task];
    const asked = JSON.stringify([plan.name, plan.findings, plan.lastUpdatedAt, plan.statusFileAt]);
    if (asked !== this.#asked) this.#load(asked, plan.name);
    else this.#draw();
  }

  /** @param {string} asked @param {string} name */
  async #load(asked, name) {
    this.#asked = asked;
    try {
      const files = await getFindings(name);
      if (asked !== this.#asked) return;
      this.#files = files;
      this.#draw();
    } catch (error) {
      if (asked === this.#asked) this.#say(failed(error));
    }
  }

  #draw() {
    if (!this.#plan) return;
    const { name } = this.#plan;
    const chosen = this.#files.find(({ taskId }) => taskId !== null && taskId === this.#task) ?? null;
    const items = this.#files.map((file) => ({ ...file, plan: name, isChosen: file === chosen }));
    keyed(one(this, "ol"), items, ({ path }) => path, () => document.createElement("li"), fill);
    one(this, ".finding").hidden = chosen === null;
    if (this.#files.length === 0) return this.#say(state({ name: "no-findings", isPart: true, sign: "file", title: "No findings yet", text: html`What is found out in a task is in <code>findings/&lt;task&gt;.md</code> beside the status file.` }));
    this.#say(chosen ? null : this.#task ? state({ name: "no-finding", isPart: true, sign: "file", title: html`Nothing was found out in ${this.#task}` }) : null);
    if (chosen?.taskId) this.#open(name, chosen.taskId, chosen);
  }

  /** @param {string} plan @param {string} task @param {FindingFile} file */
  async #open(plan, task, { path, modifiedAt, size }) {
    const wanted = JSON.stringify([plan, path, modifiedAt, size]);
    if (wanted === this.#read) return;
    this.#read = wanted;
    this.#reading.abort();
    const { signal } = (this.#reading = new AbortController());
    const place = one(this, "article");
    one(this, ".finding-path code").textContent = path;
    place.replaceChildren();
    try {
      const { content } = await getFinding(plan, task, signal);
      const isShown = await showMarkdown(place, content, { ...NOWHERE, signal });
      if (!isShown && !signal.aborted) place.replaceChildren(plain(content));
    } catch (error) {
      if (signal.aborted) return;
      this.#read = "";
      this.#say(failed(error));
    }
  }

  /** @param {Markup | null} markup */
  #say(markup) {
    const place = one(this, ".finding-state");
    place.hidden = markup === null;
    if (markup) render(place, markup);
  }
}

/** Make the element known. */
export function register() {
  define("plan-findings", PlanFindings);
}

/** @param {HTMLElement & {shown?: string}} element @param {FindingFile & {plan: string, isChosen: boolean}} file */
function fill(element, file) {
  const shown = JSON.stringify(file);
  if (element.shown === shown) return;
  const hadFocus = element.contains(document.activeElement);
  element.shown = shown;
  const { plan, taskId, path, size, modifiedAt, isChosen } = file;
  const label = html`${icon("file")}<span class="finding-name" dir="auto">${fileName(path)}</span><span class="faint">${taskId === null ? "fits no task" : html`task ${taskId}`}, ${bytes(size)}, ${timeAgo(modifiedAt)}</span>`;
  render(element, taskId === null ? html`<span class="finding-file">${label}</span>` : html`<a class="finding-file" href="${address({ page: "plans", item: plan, query: { tab: "findings", task: taskId } })}" aria-current="${isChosen}" data-testid="finding-file">${label}</a>`);
  if (hadFocus) element.querySelector("a")?.focus();
}

/** @param {unknown} error */
function failed(error) {
  return state({ name: "findings-failed", sign: "alert", isAlert: true, isPart: true, title: "The findings cannot be shown", text: /** @type {Error} */ (error).message });
}
