/** A mark that says of which host something is, and how old the truth about it is. */
import { dateTime } from "../lib/format.js";
import { html, icon } from "../lib/html.js";
import { timeAgo } from "../ui/age.js";
/** @import {Member} from "../lib/types.js" */

const MOST = 40; // of a label, which is another host's text

/**
 * @param {Member} member
 * @param {string} label
 */
export function hostMark(member, label) {
  const name = label.length > MOST ? `${label.slice(0, MOST)}…` : label;
  if (member.is_self || member.state === "live") return html`<span class="host-mark" data-testid="host-mark" data-state="live" ${member.is_self ? html`data-self` : null} title="Host ${label}${member.is_self ? ", this one" : ""}">${icon("system")}<span class="host-name" dir="auto">${name}</span></span>`;
  return html`<span class="host-mark" data-testid="host-mark" data-state="${member.state}" title="Host ${label}: ${stateTitle(member)}">${icon("system")}<span class="host-name" dir="auto">${name}</span>${ageOf(member)}</span>`;
}

/**
 * What is to be said of the age of what is shown: "as of 12 s ago", "unreachable since 3 min".
 * @param {Member} member
 */
export function stateText(member) {
  if (member.is_self) return html`this host`;
  if (member.state === "live") return html`live`;
  if (member.state === "unreachable") return html`unreachable for ${timeAgo(member.since, { form: "span" })}`;
  return member.as_of === null ? html`nothing heard yet` : html`as of ${timeAgo(member.as_of)}`;
}

/** @param {Member} member */
function ageOf({ state, as_of, since }) {
  if (state === "unreachable") return html`<span class="host-age">unreachable ${timeAgo(since, { form: "short", title: `since ${dateTime(since)}` })}</span>`;
  return as_of === null ? null : html`<span class="host-age">as of ${timeAgo(as_of)}</span>`;
}

/** @param {Member} member */
function stateTitle({ state, as_of, since }) {
  if (state === "unreachable") return `unreachable since ${dateTime(since)}; what is shown is as it was then`;
  return as_of === null ? "nothing was heard of it yet" : `what is shown is as of ${dateTime(as_of)}`;
}
