/** The page of what waits for the user: the sentence, the list, and where all this comes from. */
import { define, delegate, emit, keyed, one } from "../../lib/dom.js";
import { html, icon, render } from "../../lib/html.js";
import { notifications, showNotifying, toggleNotifications } from "../../lib/notifications.js";
import { effect } from "../../lib/signals.js";
import { postJson } from "../../live/http.js";
import { isOpen } from "../../stores/needs.js";
import { showProblem } from "../../ui/panel.js";
import { snippet } from "../../ui/snippet.js";
import { listenForCopy } from "../../ui/copy-button.js";
import { clearance, sourceName } from "../../ui/sources.js";
import { connecting, refusal, say, state } from "../../ui/state.js";
import { tryNotification } from "./announce.js";
import { needCard } from "./need-card.js";
/** @import {Dashboard} from "../../lib/types.js" */
/** @import {Needs} from "../../stores/needs.js" */
/** @import {Need, NeedList, NeedSource} from "./types.js" */

export const tag = "needs-you-page";

export class NeedsYouPage extends HTMLElement {
  /** @type {Needs} */
  #needs = /** @type {any} */ (null); // until it is set up
  #withHidden = false;

  /** @param {Dashboard} dashboard */
  setUp({ stores }) {
    render(this, frame());
    this.#needs = /** @type {Needs} */ (/** @type {unknown} */ (stores.get("needs_you")));
    listenForCopy(this);
    delegate(this, "click", ".snooze", (_, /** @type {HTMLButtonElement} */ button) => this.#decide(button, "snooze", { minutes: Number(button.value) }));
    delegate(this, "click", ".done", (_, /** @type {HTMLButtonElement} */ button) => this.#decide(button, "done"));
    delegate(this, "click", ".restore", (_, /** @type {HTMLButtonElement} */ button) => this.#decide(button, "restore"));
    delegate(this, "click", ".show-hidden", () => {
      this.#withHidden = !this.#withHidden;
      this.#draw();
    });
    delegate(this, "click", ".notify", async () => {
      const now = await toggleNotifications();
      this.#showNotifying();
      if (now === "on") tryNotification();
    });
    effect(() => {
      this.#needs.revision.value;
      this.#draw();
    });
  }

  /** Show it as it is now. */
  show() {
    this.#showNotifying();
    this.#draw();
  }

  #showNotifying() {
    showNotifying(one(this, ".notify"), notifications());
  }

  #draw() {
    const { list, problem } = this.#needs;
    showProblem(this, list ? problem : null);
    const place = one(this, ".needs-state");
    if (!list) {
      say(place, problem ? failed(problem) : connecting());
      return;
    }
    const open = list.needs.filter(isOpen);
    const shown = this.#withHidden ? list.needs : open;
    this.#say(list);
    const empty = shown.length > 0 ? null : list.summary.is_known ? nothing(list) : unknown(list);
    say(place, empty);
    const hidden = one(this, ".show-hidden");
    hidden.hidden = list.hidden === 0;
    hidden.setAttribute("aria-pressed", String(this.#withHidden));
    hidden.textContent = `${list.hidden} snoozed or done`;
    keyed(one(this, ".need-list"), shown, ({ id }) => id, () => document.createElement("li"), fill);
    one(this, ".need-list").hidden = shown.length === 0;
    render(one(this, ".need-sources"), html`${list.sources.map(sourceRow)}`);
    one(this, ".need-sources-panel").hidden = false; // not before: it would be moved by what is above it
  }

  /** @param {NeedList} list */
  #say({ summary }) {
    const place = one(this, ".needs-summary");
    const text = summary.text.charAt(0).toUpperCase() + summary.text.slice(1);
    if (place.textContent !== text) place.textContent = text; // it is read out only when it differs
    place.dataset.state = !summary.is_known ? "unknown" : summary.needs > 0 ? "needed" : "quiet";
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {"snooze" | "done" | "restore"} decision
   * @param {object} [body]
   */
  async #decide(button, decision, body = {}) {
    const item = /** @type {HTMLElement} */ (button.closest("li"));
    const next = /** @type {HTMLElement | null} */ (item.nextElementSibling ?? item.previousElementSibling);
    item.inert = true; // the rows move up when it goes: a second click must not meet it
    try {
      await postJson(`/api/needs-you/${encodeURIComponent(item.dataset.need ?? "")}/${decision}`, body);
      // The button goes with its row: the keyboard goes on at the next one.
      const follows = /** @type {HTMLElement | null | undefined} */ (next?.querySelector(`.${decision}`));
      if (follows) follows.focus();
      else one(this, ".needs-summary").focus();
      this.#needs.refresh();
    } catch (error) {
      item.inert = false;
      button.focus();
      emit(this, "toast", { tone: "warn", title: "That could not be stored", text: /** @type {Error} */ (error).message });
    }
  }
}

/** Make the element of the page known. */
export function register() {
  define(tag, NeedsYouPage);
}

/**
 * @param {HTMLLIElement & {shown?: string}} item
 * @param {Need} need
 */
function fill(item, need) {
  const state = JSON.stringify(need);
  if (item.shown === state) return;
  item.inert = false;
  const focused = item.contains(document.activeElement) ? document.activeElement?.className : null;
  item.shown = state;
  item.dataset.testid = "need";
  item.dataset.need = need.id;
  item.dataset.kind = need.kind;
  item.toggleAttribute("data-hidden", !isOpen(need));
  render(item, needCard(need));
  if (focused) /** @type {HTMLElement | null} */ (item.querySelector(`.${focused.split(" ").join(".")}`))?.focus();
}

/** @param {NeedSource} source */
function sourceRow({ name, is_on, text }) {
  return html`<li data-testid="source" data-on="${is_on}">${icon(is_on ? "check" : "close")}<strong>${sourceName(name)}</strong> <span>${is_on ? "on" : "off"}: ${text}</span></li>`;
}

function frame() {
  return html`<div class="needs">
    <section class="panel" aria-labelledby="needs-title" data-testid="needs">
      <header class="panel-top">
        <div class="needs-title"><h2 id="needs-title">Needs you</h2><p class="needs-summary" data-testid="needs-summary" role="status" tabindex="-1"></p></div>
        <div class="panel-controls">
          <button type="button" class="button show-hidden" data-testid="show-hidden" aria-pressed="false" hidden></button>
          <button type="button" class="button notify" data-testid="notify-needs" aria-pressed="false"></button>
        </div>
      </header>
      <div class="needs-state">${connecting()}</div>
      <ol class="need-list" hidden></ol>
      <p class="panel-problem" role="status" hidden></p>
    </section>
    <host-lists data-lists="needs"></host-lists>
    <section class="panel need-sources-panel" aria-labelledby="sources-title" data-testid="need-sources" hidden>
      <header class="panel-top"><div class="panel-text"><h3 id="sources-title">Where this comes from</h3></div></header>
      <ul class="need-sources"></ul>
    </section>
  </div>`;
}

/** @param {NeedList} list */
function nothing({ summary: { working, unsure }, sources }) {
  const at_work = working === 1 ? "1 agent is working" : `${working} agents are working`;
  const more = unsure > 0 ? ` Of ${unsure} more it cannot be told: they have reported nothing for a long time.` : "";
  const { isClear, off } = clearance(sources);
  const title = isClear ? "Nothing needs you" : "Nothing is known to need you";
  const silent = isClear ? "" : ` ${off.length === 1 ? "One source" : `${off.length} sources`} cannot tell: see below.`;
  return state({ name: "nothing-needs-you", sign: isClear ? "check" : "help", isPart: true, title, text: `${at_work}.${more}${silent}` });
}

/** @param {NeedList} _list */
function unknown(_list) {
  const text = "No source tells what agents do: none of them reports by its hooks, and no job runs. So nothing is said about them.";
  const more = html`${snippet("Let agents report", "llm-service hooks install --client claude-code", "install-claude")}${snippet("or", "llm-service hooks install --client codex", "install-codex")}`;
  return state({ name: "cannot-tell", sign: "help", isPart: true, title: "It cannot be told whether something needs you", text, more });
}

/** @param {Error} problem */
function failed(problem) {
  return refusal("needs-failed", "What needs you cannot be shown", problem, { isPart: true });
}
