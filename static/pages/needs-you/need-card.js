/** One thing that waits for the user, as markup: what, since when, how certain, what that rests on, and what can be done. */
import { html, icon } from "../../lib/html.js";
import { dateTime } from "../../lib/format.js";
import { agentMark } from "../../ui/agent-mark.js";
import { timeAgo } from "../../ui/age.js";
import { isOpen } from "../../stores/needs.js";
/** @import {Certainty, Need, NeedKind} from "./types.js" */

/** @type {Record<NeedKind, {label: string, sign: string, tone: string}>} */
export const KINDS = {
  permission: { label: "Permission", sign: "pause", tone: "warn" },
  question: { label: "Question", sign: "help", tone: "warn" },
  failed: { label: "Failed", sign: "alert", tone: "bad" },
  broken: { label: "Broken file", sign: "broken", tone: "bad" },
  budget: { label: "Budget", sign: "alert", tone: "bad" },
  stale: { label: "Stale", sign: "clock", tone: "soft" },
};

/** @type {Record<Certainty, {label: string, means: string}>} */
const CERTAINTIES = {
  confirmed: { label: "Confirmed", means: "An event or a file says so" },
  derived: { label: "Derived", means: "It follows from what is known; nothing says it directly" },
  "cannot tell": { label: "Cannot tell", means: "It was so when it was last reported; nothing has been heard since" },
};
const UNKNOWN = "1970-";

/** How long a snooze can be. */
export const SNOOZES = [
  { minutes: 60, label: "1 hour" },
  { minutes: 1_440, label: "1 day" },
];

/** @param {Need} need */
export function needCard(need) {
  const { kind, certainty, rests_on, title, text, since, link, link_label, project, agent } = need;
  const { label, sign, tone } = KINDS[kind];
  const { label: sure, means } = CERTAINTIES[certainty];
  return html`<div class="need-head">
      <span class="need-kind" data-tone="${tone}">${icon(sign)}${label}</span>
      <span class="need-since">${since.startsWith(UNKNOWN) ? "nobody knows since when" : html`for ${timeAgo(since, { form: "span" })}`}</span>
      <span class="chip" data-certainty="${certainty}" title="${means}">${sure}</span>
      ${agent ? agentMark(agent) : null}${project ? html`<span class="tag" title="Project">${project}</span>` : null}
    </div>
    <h3 class="need-title" dir="auto">${title}</h3>
    ${text ? html`<p class="need-text" dir="auto">${text}</p>` : null}
    <p class="need-basis">Rests on: ${rests_on}.</p>
    <div class="need-actions">${link && isThere(link) ? html`<a class="button" href="${link}">${link_label ?? "Show"}</a>` : null}${isOpen(need) ? decisions(title) : decided(need)}</div>`;
}

/**
 * True if the page of an address is one of this dashboard; tasks are opened over any page.
 * @param {string} link
 */
function isThere(link) {
  const name = link.split(/[/?]/)[1];
  return name === "tasks" || document.querySelector(`page-nav a[data-leads-to="${CSS.escape(name)}"]`) !== null;
}

/** @param {string} title */
function decisions(title) {
  return html`${SNOOZES.map(
    ({ minutes, label }) =>
      html`<button type="button" class="button snooze" value="${minutes}" aria-label="Snooze ${label}: ${title}">${icon("clock")}Snooze ${label}</button>`,
  )}<button type="button" class="button done" aria-label="Done: ${title}">${icon("check")}Done</button>`;
}

/** @param {Need} need */
function decided({ title, snoozed_until, done_at, done_by }) {
  const state = done_at ? html`done ${timeAgo(done_at)}${done_by ? ` by ${done_by}` : ""}` : `snoozed until ${dateTime(snoozed_until)}`;
  return html`<span class="need-decided">${state}</span><button type="button" class="button restore" aria-label="Show again: ${title}">Show again</button>`;
}
