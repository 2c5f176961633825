/** One thing of another host, as its owner answers when it is asked; and what can be asked of the owner about it. */
import { delegate, emit, one } from "../lib/dom.js";
import { element, html, icon, render } from "../lib/html.js";
import { put } from "../ui/put.js";
import { connecting, state } from "../ui/state.js";
import { answerOf, cut, factsOf, logOf } from "./owner-answer.js";
import { COMMANDS, SOURCES, commandsOf, filePath, pathOf } from "./owner-paths.js";
import { words } from "./lists.js";
import { addressOf, askOwner, hasToken, keepToken, ownerLink, wantsToken } from "./owner.js";
import { forgetButton, listenForToken, tokenForm } from "./token-form.js";
/** @import {Hosts} from "../stores/hosts.js" */
/** @typedef {PageEvents["host-open"]} What */

/** @type {Detail | null} */
let detail = null;

/**
 * Show it, or nothing (null).
 * @param {Hosts} hosts
 * @param {What | null} what
 * @param {() => void} onClose it was closed here
 */
export function showDetail(hosts, what, onClose) {
  if (what !== null && !Object.hasOwn(SOURCES, what.kind)) return onClose();
  if (what === null) return detail?.close();
  detail ??= new Detail(hosts, onClose);
  detail.open(what);
}

class Detail {
  #hosts;
  #root = /** @type {HTMLDialogElement} */ (element(html`<dialog class="dialog host-sheet" data-testid="host-detail" aria-labelledby="host-detail-title">
    <header class="panel-head"><h2 id="host-detail-title"></h2><button type="button" class="button icon-button close" aria-label="Close">${icon("close")}</button></header>
    <div class="host-content"><p class="host-of"></p><div class="host-answer" role="status"></div><div class="host-actions"></div></div></dialog>`));
  /** @type {What} */
  #what = { observer: "", kind: "", id: "" };
  #number = 0; // of the latest question: an answer to one before is not shown

  /**
   * @param {Hosts} hosts
   * @param {() => void} onClose
   */
  constructor(hosts, onClose) {
    this.#hosts = hosts;
    document.body.append(this.#root);
    hosts.addEventListener("change", ({ detail: change }) => this.#root.open && this.#isAbout(change) && this.#refresh());
    this.#root.addEventListener("close", onClose);
    delegate(this.#root, "click", ".close", () => this.#root.close());
    delegate(this.#root, "click", "[data-command]", (_, button) => this.#command(/** @type {HTMLButtonElement} */ (button)));
    delegate(this.#root, "click", "[data-file]", (_, button) => this.#showFile(/** @type {HTMLButtonElement} */ (button)));
    listenForToken(this.#root, () => this.#origin, () => this.#load());
  }

  /** @param {What} what */
  open(what) {
    this.#what = what;
    const { observer, kind, id } = what;
    const row = this.#hosts.get(observer, SOURCES[kind].collection, id);
    one(this.#root, "h2").textContent = words(row?.title) || words(row?.name) || id;
    const link = ownerLink(this.#url, SOURCES[kind].page, SOURCES[kind].hasPage ? id : null);
    render(one(this.#root, ".host-of"), html`${this.#hosts.markOf(observer)} ${link ? html`<a href="${link}" target="_blank" rel="noopener noreferrer" data-testid="owner-link">Open on its host ${icon("link")}</a>` : html`<span class="faint">it has not said where it can be reached</span>`}`);
    if (!this.#root.open) this.#root.showModal();
    this.#load();
  }

  close() {
    this.#root.close();
  }

  get #url() {
    return this.#hosts.members.get(this.#what.observer)?.url;
  }

  get #origin() {
    return addressOf(this.#url)?.origin ?? "";
  }

  /** What is known of it here. @returns {Record<string, any>} */
  get #row() {
    return this.#hosts.get(this.#what.observer, SOURCES[this.#what.kind].collection, this.#what.id) ?? {};
  }

  /** @param {import("../stores/hosts.js").HostChange | null} change */
  #isAbout(change) {
    const { observer, kind, id } = this.#what;
    return change === null || (change.observer === observer && (change.collection === "orchestrators" || (change.collection === SOURCES[kind].collection && change.keys.has(id))));
  }

  /** It has changed: ask again, unless something is being typed or read that would be gone. */
  #refresh() {
    this.#showActions(this.#row);
    if (!this.#root.querySelector(".token-form, .host-file:not(:empty)")) this.#load(true);
  }

  async #load(isQuiet = false) {
    const number = (this.#number += 1);
    const place = one(this.#root, ".host-answer");
    const { kind } = this.#what;
    const row = this.#row;
    if (!isQuiet) this.#showActions(row);
    const path = pathOf(this.#what);
    if (path === null) return render(place, factsOf(row));
    if (!isQuiet) render(place, connecting());
    try {
      const answer = await askOwner(this.#url, path);
      const log = SOURCES[kind].logPath ? await askOwner(this.#url, SOURCES[kind].logPath(this.#what.id)).catch(() => null) : null;
      if (number !== this.#number) return;
      if (answer.job) this.#showActions(answer.job);
      render(place, html`${answerOf(answer)}${logOf(log)}`);
    } catch (error) {
      if (number === this.#number) this.#fail(error, row);
    }
  }

  /** @param {Record<string, any>} row */
  #showActions(row) {
    const isLive = this.#hosts.isLive(this.#what.observer);
    const orchestrator = this.#hosts.rowsOf("orchestrators").find(({ observer, value }) => observer === this.#what.observer && value.plan === this.#what.id)?.value;
    const commands = isLive ? commandsOf(this.#what.kind, row, orchestrator) : [];
    const token = hasToken(this.#origin) ? forgetButton(this.#origin) : null;
    put(one(this.#root, ".host-actions"), html`${commands.map((name) => html`<button type="button" class="button" data-command="${name}" data-testid="owner-${name}">${COMMANDS[name].label}</button>`)}${commands.length > 0 ? html`<span class="faint">asked of ${this.#origin}, with your own token</span>` : null}${token}`);
  }

  /** @param {HTMLButtonElement} button of a file in a project */
  async #showFile({ dataset: { project = "", file = "" } }) {
    const number = this.#number;
    const place = one(this.#root, ".host-file");
    render(place, connecting());
    try {
      const { preview, truncated, binary } = await askOwner(this.#url, filePath(project, file));
      if (number !== this.#number) return;
      const text = typeof preview?.text === "string" ? preview.text : "";
      render(place, binary ? html`<p class="hint">This file is no text.</p>` : html`<h3>${words(file)}</h3><pre data-testid="owner-file">${cut(text)}</pre>${truncated ? html`<p class="hint">It is longer: the rest is on its host.</p>` : null}`);
    } catch (error) {
      if (number === this.#number) render(place, html`<p class="hint">${/** @type {Error} */ (error).message}</p>`);
    }
  }

  /** @param {HTMLButtonElement} button */
  async #command(button) {
    const { path, body, done } = COMMANDS[button.dataset.command ?? ""];
    button.disabled = true;
    const label = this.#hosts.labelOf(this.#what.observer);
    try {
      await askOwner(this.#url, path(this.#what.id), { method: "POST", body: body ?? {} });
      emit(document, "toast", { tone: "good", title: done, text: `${label} has been asked, and has done it.` });
      this.#load();
    } catch (error) {
      this.#fail(error, {});
    } finally {
      button.disabled = false;
    }
  }

  /**
   * @param {unknown} error
   * @param {Record<string, any>} row what is known here
   */
  #fail(error, row) {
    const place = one(this.#root, ".host-answer");
    const { message } = /** @type {Error} */ (error);
    if (wantsToken(error)) {
      keepToken(this.#origin, null);
      render(place, tokenForm(this.#origin, message));
      return one(place, "input").focus();
    }
    render(place, html`${state({ name: "owner-failed", sign: "alert", isPart: true, text: message })}${Object.keys(row).length > 0 ? html`<p class="hint">What is known here:</p>${factsOf(row)}` : null}`);
  }
}
