/** How the dashboard is: watchers, clients, what it stores, troubles; and doctor, when it is asked for. */
import { define, delegate, one } from "../../lib/dom.js";
import { age, bytes, count, dateTime, latency, moment, plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { getJson } from "../../live/http.js";
import { panel } from "../../ui/panel.js";
import { Repeating } from "../../ui/repeating.js";
import { connecting, state } from "../../ui/state.js";
import { refused } from "./refused.js";
/** @import {Diagnosis, Level, StoreState, SystemHealth, WatcherState} from "./types.js" */

export const tag = "system-view";

const ASK_EVERY_MS = 5_000;
/** @type {Record<string, string>} */
const MODES = { inotify: "watched", native: "watched", polling: "polled", missing: "not there", unreadable: "unreadable", refused: "refused" };
const GOOD = ["inotify", "native"];
/** @type {Record<Level, string>} */
const SIGNS = { ok: "check", note: "dot", problem: "alert" };

class SystemView extends HTMLElement {
  #asking = new Repeating(ASK_EVERY_MS, () => this.#ask());

  connectedCallback() {
    if (this.firstChild) return;
    render(this, frame());
    this.toggleAttribute("data-loading", true); // what is below the state is not to be seen yet: it would be moved
    delegate(this, "click", ".run-doctor", (_, button) => this.#examine(/** @type {HTMLButtonElement} */ (button)));
  }

  show() {
    this.#asking.start();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#asking.stop();
  }

  async #ask() {
    const place = one(this, ".system-health");
    try {
      const health = await getJson("/health");
      const focused = place.contains(document.activeElement);
      if (!focused) render(place, healthOf(health)); // what is being read by keyboard is not taken away
    } catch (error) {
      render(place, refused("The state", /** @type {Error} */ (error)));
    }
    this.removeAttribute("data-loading");
  }

  /** @param {HTMLButtonElement} button */
  async #examine(button) {
    const place = one(this, ".doctor-findings");
    button.setAttribute("aria-disabled", "true");
    render(place, state({ isWaiting: true, text: "Doctor writes a file and waits until it arrives…" }));
    try {
      render(place, findings(await getJson("/api/doctor")));
    } catch (error) {
      render(place, refused("Doctor’s findings", /** @type {Error} */ (error)));
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }
}

/** Make the element known. */
export function register() {
  define(tag, SystemView);
}

function frame() {
  return html`<hosts-panel></hosts-panel><div class="system-health">${connecting()}</div>
    ${panel({
      name: "doctor",
      title: "Doctor",
      note: html`Where data gets stuck on its way from a script to this page. <code>llm-service doctor</code> also checks the files.`,
      controls: html`<button type="button" class="button run-doctor" data-testid="run-doctor">${icon("play")}Examine</button>`,
      body: html`<div class="doctor-findings" role="status"></div>`,
    })}
    <p class="faint system-links">The same as data: <a href="/health">/health</a>, <a href="/metrics">/metrics</a>, <a href="/api/stats">/api/stats</a>.</p>`;
}

/** @param {SystemHealth} health */
function healthOf({ status, version, started_at: startedAt, workspace, seq, clients, watchers, troubles, history, journal, versions }) {
  const isGood = status === "healthy";
  return html`${panel({
    name: "system-state",
    title: "State",
    body: html`<p class="system-status" data-state="${status}" data-testid="system-status">${icon(isGood ? "check" : "alert")}<strong>${isGood ? "Everything works" : "Something does not work as it should"}</strong></p>
      <dl class="facts"><dt>Version</dt><dd>${version}</dd><dt>Running</dt><dd title="${dateTime(startedAt)}">for ${age(moment(startedAt))}</dd><dt>Workspace</dt><dd><code>${workspace}</code></dd><dt>Events</dt><dd><a class="figure-link" href="/api/stats">${count(seq)}</a> since the start</dd><dt>Clients</dt><dd><a class="figure-link" href="/metrics">${count(clients.socketio)}</a> connected, ${count(clients.cut_off)} cut off because they fell behind</dd></dl>
      ${troubles.length === 0 ? null : html`<ul class="system-troubles" data-testid="troubles">${troubles.map((one) => html`<li>${icon("alert")}<span><code>${one.root}</code> ${one.mode}: ${one.reason}</span></li>`)}</ul>`}`,
  })}
  ${panel({ name: "watchers", title: "Watchers", note: "Lag: from the system’s notification to the published event, of the last change.", body: watcherTable(watchers) })}
  ${panel({
    name: "stores",
    title: "What is stored",
    body: html`<dl class="facts"><dt>History</dt><dd>${storeText(history)}</dd><dt>Journal</dt><dd>${storeText(journal)}</dd>${versions ? html`<dt>Earlier contents</dt><dd>${versions.problem ?? `${count(versions.versions)} of ${count(versions.files)} files, ${bytes(versions.bytes)}`}</dd>` : null}</dl>`,
  })}`;
}

/** @param {WatcherState[]} watchers */
function watcherTable(watchers) {
  const rows = watchers.map((watcher) => {
    const { root, mode, lag_ms: lag, last_scan_ms: scan, error } = watcher;
    const isOptional = mode === "missing" && !error;
    const [isGood, sign] = isOptional ? ["none", "dot"] : GOOD.includes(mode) ? ["true", "check"] : ["false", "alert"];
    const more = [error, ...Object.entries({ ...watcher.unreadable, ...watcher.skipped }).map(([path, reason]) => `${path}: ${reason}`)].filter(Boolean);
    return html`<tr data-testid="watcher" data-mode="${mode}"><th scope="row"><code>${root}</code>${more.map((text) => html`<span class="watcher-error">${text}</span>`)}</th><td><span class="watcher-mode" data-good="${isGood}">${icon(sign)}${MODES[mode] ?? mode}</span></td><td data-label="lag">${lag === null ? "—" : latency(lag)}</td><td data-label="scan">${scan === null || isOptional ? "—" : latency(scan)}</td></tr>`;
  });
  return html`<div class="table-box" tabindex="0" role="region" aria-label="Watchers"><table class="watchers stacked"><thead><tr><th scope="col">Folder</th><th scope="col">Mode</th><th scope="col">Lag</th><th scope="col">Scan</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** @param {StoreState} store */
function storeText({ path, ok, problem, pending = 0, dropped = 0, size_bytes: size, segments, restored, moved_aside: aside }) {
  if (path === null) return "off";
  const parts = [ok ? "works" : (problem ?? "does not work"), size === undefined ? null : `${bytes(size)} in ${plural(segments ?? 0, "file")}`, pending ? `${count(pending)} waiting` : null, dropped ? `${count(dropped)} dropped` : null, restored, aside];
  return html`${parts.filter(Boolean).join(", ")} <code class="faint">${path}</code>`;
}

/** @param {Diagnosis} diagnosis */
function findings({ job, stages, remarks, is_healthy: isHealthy }) {
  const rows = [
    ...stages.map(({ number, question, level, reason, next_step: step }) => finding(level, `${number}. ${question}`, reason, level === "ok" ? null : step)),
    ...remarks.map(({ level, what, text }) => finding(level, what, text, null)),
  ];
  return html`<p><strong>${isHealthy ? "Nothing is stuck" : "Data is stuck"}</strong>${job ? html` <span class="faint">as far as job <code>${job}</code> shows</span>` : null}</p><ul class="findings" data-testid="findings">${rows}</ul>`;
}

/**
 * @param {Level} level
 * @param {string} what
 * @param {string} text
 * @param {string | null} step
 */
function finding(level, what, text, step) {
  return html`<li data-level="${level}">${icon(SIGNS[level])}<span><strong>${what}</strong> <span class="off-screen">${level}:</span> ${text}${step ? html`<span class="next-step">${step}</span>` : null}</span></li>`;
}
