/**
 * One task in full, in a dialog. `show({id, path})` opens it, `show(null)` closes it; `refresh()` reads it again. Emits
 * `task-open {id, path}` and `task-close`.
 */
import { define, delegate, emit } from "../../../lib/dom.js";
import { clock } from "../../../lib/format.js";
import { atMostEvery } from "../../../lib/signals.js";
import { html, render } from "../../../lib/html.js";
import { loadMarkdown } from "../../../lib/markdown.js";
import { listenForCopy } from "../../../ui/copy-button.js";
import { body, failure, frame, head, tabsOf } from "./sheet.js";
import { markTab, tabFor } from "../../../ui/tabs.js";
import { listenForTasks } from "../../../ui/task-links.js";

const REFRESH_MS = 150;

export class TaskDetail extends HTMLElement {
  #loadTask;
  #lookUp;
  #costs;
  #shown = null; // {id, path}
  #details = null;
  #tab = null;
  #markdown = null;
  #request = null;
  #refresh = atMostEvery(REFRESH_MS, () => this.#load());

  connectedCallback() {
    render(this, frame());
    this.#dialog.addEventListener("close", () => this.#shown && emit(this, "task-close"));
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
    delegate(this, "click", ".close", () => this.#dialog.close());
    delegate(this, "click", "[role=tab]", (_, tab) => this.#select(tab.dataset.tab));
    delegate(this, "keydown", "[role=tab]", (event) => this.#tabKey(event));
    listenForCopy(this);
    listenForTasks(this);
  }

  /** `loadTask(id, path, signal)` asks the service, `lookUp(id)` is the board's summary, `costs` the store of costs. */
  setUp({ loadTask, lookUp, costs }) {
    this.#loadTask = loadTask;
    this.#lookUp = lookUp;
    this.#costs = costs;
  }

  /** Open the task, or close the dialog. */
  show(wanted) {
    const same = wanted && this.#shown && wanted.id === this.#shown.id && wanted.path === this.#shown.path;
    if (same) return;
    this.#request?.abort();
    this.#shown = wanted;
    this.#details = this.#tab = null;
    if (wanted === null) return void (this.#dialog.open && this.#dialog.close());
    this.#notice("");
    render(this.#sheet, html`<p class="waiting" role="status">Loading…</p>`);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#load();
  }

  /** True if a change of that task can be seen here. */
  concerns(id) {
    return id === this.#shown?.id || (this.#details?.dependencies ?? []).some((dependency) => dependency.id === id);
  }

  /** Read it again, since something about it changed. */
  refresh() {
    if (this.#shown) this.#refresh();
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #sheet() {
    return this.querySelector(".sheet");
  }

  async #load() {
    if (!this.#shown) return;
    this.#request?.abort();
    this.#request = new AbortController();
    const { signal } = this.#request;
    try {
      const { id, path } = this.#shown;
      const [details, markdown] = await Promise.all([this.#loadTask(id, path, signal), loadMarkdown()]);
      if (signal.aborted) return;
      this.#markdown = markdown;
      this.#notice("");
      this.#draw(details);
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  #failed(error) {
    if (this.#details === null) return render(this.#sheet, failure(this.#shown.id, error));
    if (error.status !== 404) return this.#notice(`${error.message} What you see was read before.`);
    this.#notice(
      `This task was removed from the board (${clock(new Date().toISOString())}). What you see is how it was last.`,
    );
  }

  #notice(text) {
    const notice = this.querySelector(".detail-notice");
    notice.hidden = text === "";
    notice.textContent = text;
  }

  #draw(details) {
    const isFirst = this.#details === null;
    this.#details = details;
    const tabs = tabsOf(details);
    if (!tabs.some(({ name }) => name === this.#tab)) this.#tab = tabs[0].name;
    const scroll = this.querySelector(".tab-body")?.scrollTop ?? 0;
    const focused = this.#sheet.contains(document.activeElement) ? document.activeElement.dataset.tab : null;
    render(this.#sheet, head(details, tabs, this.#tab));
    this.#drawBody();
    if (isFirst) this.querySelector(".tab-body").focus();
    else this.querySelector(".tab-body").scrollTop = scroll;
    if (focused) this.querySelector(`[role=tab][data-tab="${focused}"]`)?.focus();
  }

  #drawBody() {
    const place = this.querySelector(".tab-body");
    const { markup, fields } = body(this.#tab, this.#details, this.#lookUp);
    render(place, markup);
    fields.fill(place, this.#markdown);
    for (const part of place.querySelectorAll("task-costs")) part.costs = this.#costs;
  }

  #select(name) {
    this.#tab = name;
    markTab(this, name);
    this.#drawBody();
    const place = this.querySelector(".tab-body");
    place.scrollTop = 0;
    place.setAttribute("aria-labelledby", `tab-${name}`);
  }

  #tabKey(event) {
    const tab = tabFor(event.key, this);
    if (!tab) return;
    event.preventDefault();
    this.#select(tab.dataset.tab);
    tab.focus();
  }
}

/** Make the element known. */
export function register() {
  define("task-detail", TaskDetail);
}
