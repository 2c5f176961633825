/** What does not work as it should, in a banner: a notice for each kind, with a list where there are several of it. */
import { flag, html, icon, render } from "../lib/html.js";
import { count } from "../lib/format.js";
/** @import {Degraded} from "../lib/types.js" */

/** @type {Record<string, string>} */
const MEANING = {
  polling: "Changes are found by checking every few seconds, so they appear later than usual.",
  missing: "What it contained is shown as it was last, and read again as soon as it comes back.",
  unreadable: "What it contained is shown as it was last, and read again as soon as it can be.",
  skipped: "Nothing in it is shown.",
  refused: "What the workspace's own files ask for beyond the workspace needs your approval.",
  ignore: "Some files may be shown that it says to ignore.",
  history: "Lane history and costs may be incomplete; the board itself is not affected.",
  versions: "Changes of generated files cannot be shown for now; the files themselves are not affected.",
  state: "Its own files are made again as soon as that is possible; the board itself is not affected.",
};

/** @type {Record<string, string>} */
const HEAD = {
  polling: "Polling instead of watching",
  missing: "Folder missing",
  unreadable: "Folder cannot be read",
  skipped: "Left out",
  refused: "Not allowed without your approval",
  ignore: "Not all of this file is used",
  history: "Problem with the history",
  versions: "Problem with earlier contents",
  state: "Problem with the dashboard's own folder",
};
const SHOWN = 3;

/** Says which folders are not watched as they should be, and what that means. */
export class NoticeBanner extends HTMLElement {
  /**
   * Empty when all is well.
   * @param {Degraded[]} entries
   */
  set degraded(entries) {
    this.hidden = entries.length === 0;
    const open = new Set([...this.querySelectorAll("details[open]")].map((details) => details.getAttribute("data-kind")));
    const notices = kinds(entries).map((kind) => (kind.length === 1 ? notice(kind[0]) : folded(kind, open)));
    const rest = notices.slice(SHOWN);
    const more = html`<details class="more-notices" data-kind="" ${flag(open.has(""), "open")}><summary class="notice">${rest.length} more</summary>${rest}</details>`;
    render(this, html`${notices.slice(0, SHOWN)}${rest.length > 0 ? more : null}`);
  }
}

/**
 * Those of one mode together, in the order in which the first of each came.
 * @param {Degraded[]} entries
 */
function kinds(entries) {
  /** @type {Map<string, Degraded[]>} */
  const found = new Map();
  for (const entry of entries) found.set(entry.mode, [...(found.get(entry.mode) ?? []), entry]);
  return [...found.values()];
}

/**
 * Several of one mode in one notice.
 * @param {Degraded[]} entries
 * @param {Set<string | null>} open
 */
function folded(entries, open) {
  const { mode } = entries[0];
  return html`<details class="notice-kind" data-mode="${mode}" data-kind="${mode}" data-testid="notice-kind" ${flag(open.has(mode), "open")}>
    <summary class="notice">${icon("alert")}<span><strong>${HEAD[mode] ?? "Problem"}: ${count(entries.length)} places.</strong> ${MEANING[mode]}</span></summary>
    <ul class="notice-list">${entries.map(({ root, reason }) => html`<li><bdi>${root}</bdi> <span class="reason">${sentence(reason)}</span></li>`)}</ul>
  </details>`;
}

/** @param {string} text */
function sentence(text) {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** @param {Degraded} entry */
function notice({ root, mode, reason }) {
  const head = HEAD[mode] ?? "Problem";
  const meaning = MEANING[mode];
  const why = meaning ? html`${meaning} <span class="reason">(${reason})</span>` : html`<span class="reason">${sentence(reason)}</span>`;
  return html`<p class="notice" data-mode="${mode}">${icon("alert")}<span><strong>${head}: <bdi>${root}</bdi>.</strong> ${why}</span></p>`;
}
