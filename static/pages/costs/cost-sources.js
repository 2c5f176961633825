/** What is read, how much came of it, and what was refused with file, line and reason; how to switch more on. */
/** @import {Problem, Source} from "./types.js" */
import { define, one } from "../../lib/dom.js";
import { plural } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { timeIn } from "../../lib/zone.js";
import { listenForCopy } from "../../ui/copy-button.js";
import { panel, showProblem } from "../../ui/panel.js";
import { state } from "../../ui/state.js";
import { switchOn } from "./switch-on.js";

/** @type {Record<string, string>} */
const KINDS = {
  lines: "JSON lines", claude: "Claude Code", codex: "Codex", copilot: "Copilot CLI", otlp: "OTLP/HTTP", rest: "REST",
};
/** @type {Record<string, string>} */
const MODES = {
  missing: "The folder is not there yet",
  polling: "Checked every few seconds",
  inotify: "Watched",
  native: "Watched",
  listening: "Listening",
};

export class CostSources extends HTMLElement {
  /** @type {string | null} */
  #shown = null;
  /** @type {Set<string>} */
  #open = new Set();

  connectedCallback() {
    render(
      this,
      panel({
        name: "sources",
        title: "Sources",
        note: "What is read, and what was refused.",
        body: html`<ul class="sources"></ul><div class="more-ways"><h4 class="ways-head">Switch more on</h4>${switchOn(location.origin, false)}</div>`,
      }),
    );
    listenForCopy(this);
    this.addEventListener("toggle", ({ target }) => this.#remember(/** @type {HTMLDetailsElement} */ (target)), true);
  }

  /** Whether how to switch more on is shown elsewhere. @param {boolean} isAlone */
  set isAlone(isAlone) {
    one(this, ".more-ways").hidden = isAlone;
  }

  /** The sources, as the service reports them. @param {Source[]} sources */
  set sources(sources) {
    showProblem(this, null);
    const state = JSON.stringify(sources);
    if (this.#shown === state) return;
    this.#shown = state;
    render(one(this, ".sources"), html`${sources.map(row)}`);
    /** @type {NodeListOf<HTMLDetailsElement>} */
    const refused = this.querySelectorAll(".refused");
    for (const details of refused) details.open = this.#open.has(details.dataset.source ?? "");
  }

  /** What went wrong when it was asked for. @param {Error} error */
  set problem(error) {
    showProblem(this, error);
  }

  /** @param {HTMLDetailsElement} details */
  #remember(details) {
    const { source } = details.dataset;
    if (source && details.open) this.#open.add(source);
    else if (source) this.#open.delete(source);
  }
}

/** Make the element known. */
export function register() {
  define("cost-sources", CostSources);
}

/** What is shown instead of the page while there are no calls at all. */
export function nothingYet() {
  return state({
    name: "no-calls",
    sign: "inbox",
    title: "No calls yet",
    text: html`Cost and tokens appear here within a second of a call. Choose where they come from, or let <code>llm-service init</code>
      offer the session folders that it finds; <code>docs/telemetry.md</code> has the two lines for each agent.`,
    more: switchOn(location.origin, true),
  });
}

/** @param {Source} source */
function row({ kind, folder, mode, files, calls, duplicates, refused, problems }) {
  const facts = [
    files ? plural(files, "file") : null,
    plural(calls, "call"),
    duplicates ? `${plural(duplicates, "duplicate")} counted once` : null,
  ].filter(Boolean);
  const id = `${kind} ${folder}`;
  return html`<li class="source" data-testid="source" data-kind="${kind}" data-mode="${mode}">
    <p class="source-head"><strong>${KINDS[kind] ?? kind}</strong>${folder ? html`<code>${folder}</code>` : null}${mode ? html`<span class="faint">${MODES[mode] ?? mode}</span>` : null}</p>
    <p class="source-facts">${facts.join(" · ")}</p>
    ${refused ? html`<details class="fold refused" data-source="${id}" data-testid="refused"><summary>${plural(refused, "line")} refused</summary><div class="fold-body">${refusals(problems, refused)}</div></details>` : null}
  </li>`;
}

/**
 * @param {Problem[]} problems
 * @param {number} refused
 */
function refusals(problems, refused) {
  return html`<ul class="problems">
      ${problems.map(({ path, line, error, time }) => html`<li>${path ? html`<code>${path}${line ? `:${line}` : ""}</code> ` : null}<span>${error}</span>${time ? html` <time class="faint">${timeIn(null, time)}</time>` : null}</li>`)}
    </ul>
    ${problems.length < refused ? html`<p class="hint">The latest ${problems.length} of ${refused}.</p>` : null}`;
}
