/** The page of MCP: asks the service when it is opened, at events of servers, and every few seconds while one runs. */
import { define, delegate, emit, keyed, one } from "../../lib/dom.js";
import { count, plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { returns } from "../../lib/lazy.js";
import { atMostEvery, effect } from "../../lib/signals.js";
import { getJson, postJson } from "../../live/http.js";
import { Store } from "../../stores/stores.js";
import { copyable, listenForCopy } from "../../ui/copy-button.js";
import { panel, showProblem } from "../../ui/panel.js";
import { connecting, refusal, say, state } from "../../ui/state.js";
import { COLUMNS, row } from "./server-row.js";
/** @import {Dashboard} from "../../lib/types.js" */
/** @import {ServerList, Server} from "./types.js" */
/** @typedef {HTMLTableRowElement & {keyedBy: string, shown?: string}} Row */

export const tag = "mcp-page";

const ASK_EVERY_MS = 500;
const WHILE_RUNNING_MS = 5_000;

export class McpPage extends HTMLElement {
  #isShown = false;
  /** @type {ServerList | null} */
  #list = null;
  /** @type {AbortController | null} */
  #asking = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #ask = atMostEvery(ASK_EVERY_MS, () => this.#isShown && this.#load());

  /** Join it to the events of servers. @param {Dashboard} dashboard */
  setUp({ stores }) {
    render(this, frame());
    listenForCopy(this);
    delegate(this, "click", "[data-action]", (_, /** @type {HTMLButtonElement} */ button) => this.#act(button));
    const servers = new Store("mcp");
    servers.addEventListener("event", ({ detail }) => String(detail.type).startsWith("mcp.") && this.#ask());
    stores.register(servers).catch(() => {}); // it is asked for again when the connection is back
    effect(() => {
      servers.revision.value;
      returns.value;
      this.#ask();
    });
  }

  /** Show it as it is now. */
  show() {
    this.#isShown = true;
    this.#ask();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#isShown = false;
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  async #load() {
    this.#asking?.abort();
    clearTimeout(this.#timer);
    const { signal } = (this.#asking = new AbortController());
    try {
      const list = /** @type {ServerList} */ (await getJson("/api/mcp/servers", {}, signal));
      if (!signal.aborted) this.#paint(list);
    } catch (error) {
      if (!signal.aborted) this.#fail(/** @type {Error} */ (error));
    }
  }

  /** @param {ServerList} list */
  #paint(list) {
    this.#list = list;
    one(this, ".mcp-waits").hidden = true;
    for (const part of this.querySelectorAll(".panel")) /** @type {HTMLElement} */ (part).hidden = false;
    showProblem(this, null);
    this.#paintEndpoint(list);
    const isEmpty = list.servers.length === 0;
    say(one(this, ".no-servers"), isEmpty ? noServers() : null);
    one(this, ".table-box").hidden = isEmpty;
    one(this, '[data-testid="mcp-servers"] .panel-note').textContent = sums(list);
    const reason = list.control ? null : "Control is off, or you are no admin: nothing can be started or stopped from here.";
    keyed(
      one(this, "tbody"),
      list.servers,
      ({ name }) => name,
      () => /** @type {Row} */ (document.createElement("tr")),
      (line, server) => fill(line, server, reason),
    );
    const problems = one(this, ".declaration-problems");
    problems.hidden = list.problems.length === 0;
    render(problems, html`${list.problems.map(({ where, reason: why }) => html`<li>${icon("alert")}<span dir="auto">${where}: ${why}</span></li>`)}`);
    if (list.servers.some(({ pid, status }) => pid !== null || status === "starting")) this.#timer = setTimeout(() => this.#ask(), WHILE_RUNNING_MS);
  }

  /** @param {ServerList} list */
  #paintEndpoint({ endpoint, requests }) {
    const place = one(this, ".endpoint");
    const markup = endpoint === null
      ? html`<p>Agents cannot report to this dashboard: the setting <code>mcp</code> is off.</p>`
      : html`<dl class="endpoint-facts">
          <dt>Address</dt><dd>${copyable("address", new URL(endpoint, location.href).href)}<p class="faint">${requests === 0 ? "No agent has called yet." : `${plural(requests, "request")} since the start.`}</p></dd>
          <dt>Set a program up</dt><dd>${copyable("command", "llm-service mcp install --client claude-code")}<p class="faint">Or <code>codex</code>, <code>cursor</code>, <code>generic</code>.</p></dd>
          <dt>Tell it when to report</dt><dd>${copyable("skill command", "llm-service mcp skill --client claude-code")}</dd>
        </dl>`;
    if (place.dataset.shown === markup.text) return;
    place.dataset.shown = markup.text;
    render(place, markup);
  }

  /** @param {Error} error */
  #fail(error) {
    if (this.#list) return showProblem(this, error);
    const place = one(this, ".mcp-waits");
    place.hidden = false;
    render(place, refusal("mcp-failed", "The servers cannot be shown", error));
  }

  /** Do what a button says. @param {HTMLButtonElement} button */
  async #act(button) {
    const { action = "", name = "" } = button.dataset;
    if (button.ariaBusy === "true") return; // not disabled: that would take the focus away
    button.ariaBusy = "true";
    try {
      await postJson(`/api/mcp/servers/${encodeURIComponent(name)}/${action}`);
    } catch (error) {
      emit(button, "toast", { tone: "bad", title: `${name}: ${action} did not work`, text: /** @type {Error} */ (error).message, key: `mcp-${name}` });
    } finally {
      button.ariaBusy = "false";
      this.#ask();
    }
  }
}

/** Make the element known. */
export function register() {
  define(tag, McpPage);
}

/**
 * @param {Row} line
 * @param {Server} server
 * @param {string | null} reason
 */
function fill(line, server, reason) {
  const shown = JSON.stringify([server, reason]);
  if (line.shown === shown) return;
  line.shown = shown;
  line.dataset.testid = "mcp-server";
  line.dataset.server = server.name;
  line.dataset.state = server.status;
  const open = new Set([...line.querySelectorAll("details[open]")].map((each) => each.className));
  const focused = line.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.testid : null;
  render(line, row(server, reason));
  for (const each of line.querySelectorAll("details")) each.open = open.has(each.className);
  if (focused) /** @type {HTMLElement | null} */ (line.querySelector(`[data-testid="${focused}"], button`))?.focus();
}

function noServers() {
  const text = html`A server appears here when <code>.mcp.json</code> in the workspace or the setting <code>mcp_servers</code> declares it.`;
  return state({ name: "no-servers", sign: "link", isPart: true, title: "No MCP servers yet", text });
}

/** @param {ServerList} list */
function sums({ servers }) {
  if (servers.length === 0) return "None is declared";
  const running = servers.filter(({ status }) => status === "running").length;
  const waiting = servers.filter(({ approved }) => !approved).length;
  const parts = [plural(servers.length, "server"), `${count(running)} running here`, waiting ? `${count(waiting)} not approved` : null];
  return `${parts.filter(Boolean).join(", ")}. The ones that agents start for themselves are not these.`;
}

function frame() {
  return html`<div class="mcp">
    <h2 class="off-screen">MCP</h2>
    <div class="mcp-waits">${connecting()}</div>
    ${panel({ name: "mcp-endpoint", title: "Agents report here", body: html`<div class="endpoint"></div>` })}
    ${panel({
      name: "mcp-servers",
      title: "MCP servers",
      note: " ",
      body: html`<ul class="declaration-problems" data-testid="mcp-problems" hidden></ul>
        <div class="no-servers" hidden></div>
        <div class="table-box" tabindex="0" role="region" aria-label="MCP servers" hidden><table class="server-rows">
          <thead><tr>${COLUMNS.map((label) => html`<th scope="col">${label}</th>`)}</tr></thead><tbody></tbody></table></div>
        <p class="approve-hint faint">Nothing of a server is started or asked before it is approved as it is shown: ${copyable("approve command", "llm-service approve")}</p>`,
    })}
  </div>`;
}
