/** All settings with their value, where it comes from, and how to change it. */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { getJson } from "../../live/http.js";
import { copyable } from "../../ui/copy-button.js";
import { snippet } from "../../ui/snippet.js";
import { connecting, state } from "../../ui/state.js";
import { refused } from "./refused.js";
import { withCode } from "./with-code.js";
/** @import {OriginKind, Setting, SettingList} from "./types.js" */

export const tag = "setting-list";

/** @type {Record<OriginKind, string>} */
const ORIGINS = {
  default: "Default",
  workspace: "Workspace",
  user: "Your configuration",
  config: "--config",
  environment: "Environment",
  "command line": "Command line",
};

class SettingListView extends HTMLElement {
  /** @type {SettingList | null} */
  #list = null;
  #q = "";
  #isChangedOnly = false;

  connectedCallback() {
    if (this.firstChild) return;
    render(this, frame());
    delegate(this, "input", ".setting-filter", (_, field) => {
      this.#q = /** @type {HTMLInputElement} */ (field).value;
      this.#draw();
      emit(this, "query-change", { changes: { q: this.#q || null } });
    });
    delegate(this, "click", ".changed-only", (_, button) => {
      this.#isChangedOnly = !this.#isChangedOnly;
      button.setAttribute("aria-pressed", String(this.#isChangedOnly));
      this.#draw();
    });
  }

  /** @param {Record<string, string>} query */
  async show({ q = "" }) {
    const field = /** @type {HTMLInputElement} */ (one(this, ".setting-filter"));
    if (q !== this.#q) field.value = q;
    this.#q = q;
    if (this.#list) this.#draw();
    else render(one(this, ".setting-groups"), connecting());
    try {
      this.#list = await getJson("/api/settings");
      this.#draw();
    } catch (error) {
      render(one(this, ".setting-groups"), refused("The settings", /** @type {Error} */ (error)));
    }
  }

  hide() {}

  #draw() {
    if (!this.#list) return;
    const { settings, files } = this.#list;
    const words = this.#q.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = settings.filter((setting) => (!this.#isChangedOnly || setting.origin !== "default") && words.every((word) => textOf(setting).includes(word)));
    const changed = settings.filter(({ origin }) => origin !== "default").length;
    one(this, ".setting-count").textContent = `${shown.length === settings.length ? plural(settings.length, "setting") : `${shown.length} of ${plural(settings.length, "setting")}`}, ${changed} changed. They are read at the start.`;
    const sections = [...new Set(shown.map(({ section }) => section))];
    const none = state({ name: "no-settings", sign: "filter", isPart: true, title: "No setting has these words" });
    const groups = sections.map((section) => group(section, shown.filter((setting) => setting.section === section), files.user));
    const places = /** @type {HTMLElement} */ (one(this, ".setting-groups"));
    render(places, groups.length > 0 ? html`${groups}` : none);
    if (shown.length === 1) /** @type {HTMLDetailsElement} */ (one(places, "details")).open = true;
  }
}

/** Make the element known. */
export function register() {
  define(tag, SettingListView);
}

/** @param {Setting} setting */
function textOf({ name, section, help, value, origin }) {
  return `${name} ${section} ${help} ${value ?? ""} ${ORIGINS[origin]}`.toLowerCase();
}

/**
 * @param {string} section
 * @param {Setting[]} settings
 * @param {string | null} file
 */
function group(section, settings, file) {
  const id = `section-${section}`;
  return html`<section class="panel" aria-labelledby="${id}"><header class="panel-top"><h3 id="${id}">${section}</h3></header>
    <ul class="setting-rows">${settings.map((setting) => row(setting, file))}</ul></section>`;
}

/**
 * @param {Setting} setting
 * @param {string | null} file
 */
function row(setting, file) {
  const { name, help, origin, where } = setting;
  return html`<li data-testid="setting" data-setting="${name}" data-origin="${origin}">
    <div class="setting-head"><code class="setting-name">${name}</code><span class="setting-value">${valueOf(setting)}</span><span class="setting-origin">${origin === "default" ? null : icon("edit")}${ORIGINS[origin]}${where ? html` <code>${where}</code>` : null}</span></div>
    <p class="setting-help">${withCode(help)}</p>
    <details class="fold"><summary>How to change ${name}</summary><div class="fold-body">${changes(setting, file)}</div></details>
  </li>`;
}

/** @param {Setting} setting */
function valueOf({ value, is_secret: isSecret, is_set: isSet }) {
  if (isSecret) return html`<em>${isSet ? "set, never shown" : "not set"}</em>`;
  return value === null || value === "" ? html`<em>not set</em>` : html`<code>${value}</code>`;
}

/**
 * @param {Setting} setting
 * @param {string | null} file
 */
function changes({ name, default: preset, variable, line, workspace, type, origin }, file) {
  const over = origin === "environment" || origin === "command line" ? html`<p>Now the ${ORIGINS[origin].toLowerCase()} decides: change it there, or remove it there first.</p>` : null;
  return html`${over}${file ? snippet(file, line, `line-${name}`) : null}
    <dl class="facts"><dt>Environment</dt><dd>${copyable(`variable of ${name}`, variable)}</dd><dt>Type</dt><dd>${type}</dd><dt>Default</dt><dd>${preset ? html`<code>${preset}</code>` : "none"}</dd><dt>The workspace’s file may set</dt><dd>${workspace}</dd></dl>
    <p class="faint">Restart the dashboard afterwards: <code>llm-service dashboard stop</code>, then <code>start</code>.</p>`;
}

function frame() {
  return html`<div class="setting-tools">
      <label class="setting-search">${icon("search")}<span class="off-screen">Filter settings</span><input type="search" class="setting-filter" placeholder="Filter settings" autocomplete="off" spellcheck="false" data-testid="setting-filter" /></label>
      <button type="button" class="button changed-only" aria-pressed="false" data-testid="changed-only">Only changed ones</button>
    </div>
    <p class="setting-count faint" role="status"></p>
    <div class="setting-groups"></div>`;
}
