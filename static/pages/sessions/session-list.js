/** All sessions that pass the filters of the address: `session-list`. */
import { define, emit, keyed, one } from "../../lib/dom.js";
import { UNKNOWN, count, plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { fillSelect, select } from "../../ui/select.js";
import { state } from "../../ui/state.js";
import { contextGauge, costOf, stateMark } from "./session-marks.js";
/** @import {SessionPage, SessionRow} from "./types.js" */
/** @typedef {HTMLElement & {shown?: string}} RowElement */

const TYPED_MS = 250;
/** @type {[string, string][]} */
const STATES = [["working", "Working"], ["permission,question,failed", "Needs you"], ["idle", "Idle"], ["ended", "Ended"]];

export class SessionList extends HTMLElement {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typed;

  connectedCallback() {
    if (this.firstChild) return;
    render(this, frame());
    const change = (/** @type {string} */ name, /** @type {string} */ value) => emit(this, "query-change", { changes: { [name]: value || null } });
    const input = this.#input;
    input.addEventListener("input", () => {
      clearTimeout(this.#typed);
      this.#typed = setTimeout(() => change("q", input.value.trim()), TYPED_MS);
    });
    for (const list of this.#lists) list.addEventListener("change", () => change(list.name, list.value));
    one(this, ".more").addEventListener("click", () => emit(this, "sessions-more"));
  }

  /** @param {SessionPage} page @param {Record<string, string>} query */
  show({ sessions, total, unseen, programs, next_offset: next }, query) {
    if (this.#input !== document.activeElement) this.#input.value = query.q ?? "";
    const [program, status] = this.#lists;
    fillSelect(program, { choices: programs.map((name) => [name, name]), value: query.program ?? "", any: "All programs" });
    fillSelect(status, { choices: STATES, value: query.state ?? "", any: "Any state" });
    const sum = total > 0 ? plural(total, "session") : "";
    one(this, ".sessions-sum").textContent = unseen > 0 ? `${sum}${sum ? ", " : ""}${count(unseen)} more are being read` : sum;
    const isFiltered = Boolean(query.q || query.program || query.state);
    const none = one(this, ".sessions-none");
    const reason = sessions.length > 0 || unseen > 0 ? "" : isFiltered ? "filtered" : "empty";
    none.hidden = reason === "";
    if (reason && none.dataset.reason !== reason) render(none, reason === "empty" ? empty() : filtered());
    none.dataset.reason = reason;
    one(this, ".session-rows").hidden = sessions.length === 0;
    keyed(one(this, "tbody"), sessions, ({ id }) => id, newRow, fill);
    one(this, ".more").hidden = next === null;
  }

  /** @returns {HTMLInputElement} */
  get #input() {
    return one(this, "input[type=search]");
  }

  get #lists() {
    return /** @type {NodeListOf<HTMLSelectElement>} */ (this.querySelectorAll("select"));
  }
}

/** Make the element known. */
export function register() {
  define("session-list", SessionList);
}

function frame() {
  return html`<header class="sessions-head"><h2>Sessions</h2><span class="sessions-sum" role="status" data-testid="sessions-sum"></span>
      <search class="sessions-find">${icon("search")}<input type="search" data-testid="sessions-search" placeholder="Title, folder, branch, model" aria-label="Filter sessions" maxlength="200" spellcheck="false" autocomplete="off" /></search>
      ${select({ name: "program", label: "Program", testid: "sessions-program" })}${select({ name: "state", label: "State", testid: "sessions-state" })}</header>
    <div class="sessions-none" hidden></div>
    <table class="session-rows" data-testid="session-rows"><thead><tr><th scope="col">Session</th><th scope="col">State</th><th scope="col">Folder, branch</th><th scope="col">Model</th><th scope="col" class="number">Cost</th><th scope="col">Context</th><th scope="col" class="number">Last line</th></tr></thead><tbody></tbody></table>
    <p class="sessions-foot"><button type="button" class="button more" hidden>Show more</button></p>`;
}

function newRow() {
  const element = /** @type {RowElement} */ (document.createElement("tr"));
  element.className = "session-row";
  return element;
}

/** @param {RowElement} element @param {SessionRow} session */
function fill(element, session) {
  const shown = JSON.stringify(session);
  if (element.shown === shown) return;
  const hadFocus = element.contains(document.activeElement);
  element.shown = shown;
  Object.assign(element.dataset, { testid: "session-row", session: session.id });
  render(element, rowOf(session));
  if (hadFocus) element.querySelector("a")?.focus();
}

/** @param {SessionRow} session */
function rowOf(session) {
  const { id, title, program, agent, folder, branch, model, children, last_at: last, question } = session;
  return html`<td class="row-title"><a href="${address({ page: "sessions", item: id })}" dir="auto">${title ?? "No title"}</a><span class="row-program">${program}${agent ? html` · ${agent}` : null}${children > 0 ? html` · ${plural(children, "sub-agent")}` : null}</span>${question ? html`<span class="row-question" dir="auto">${question}</span>` : null}</td>
    <td class="row-state">${stateMark(session)}</td>
    <td class="row-folder"><bdi>${folder ?? "—"}</bdi>${branch ? html`<span class="row-branch"><bdi>${branch}</bdi></span>` : null}</td>
    <td class="row-model"><bdi>${model ?? "—"}</bdi></td>
    <td class="row-cost number">${costOf(session)}</td>
    <td class="row-context">${contextGauge(session) ?? UNKNOWN}</td>
    <td class="row-age number">${timeAgo(last)}</td>`;
}

function empty() {
  return state({
    name: "no-sessions",
    sign: "text",
    title: "No sessions yet",
    text: html`The folders of the logs that Claude Code, Codex and others write are named in your own configuration by <code>claude_folders</code>, <code>codex_folders</code> and so on; <code>llm-service init --sessions</code> finds them.`,
  });
}

function filtered() {
  return state({ name: "no-such-sessions", isPart: true, sign: "filter", title: "No session passes the filters", more: html`<a class="button" href="#/sessions">All sessions</a>` });
}
