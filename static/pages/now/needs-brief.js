/** What needs the reader, the oldest first, in a place of one height; and of each source whether it could tell. */
import { define, one } from "../../lib/dom.js";
import { html, icon, render } from "../../lib/html.js";
import { timeAgo } from "../../ui/age.js";
import { panel } from "../../ui/panel.js";
import { clearance, sourceName } from "../../ui/sources.js";
import { say, state } from "../../ui/state.js";
/** @import {Need, NeedList} from "../needs-you/types.js" */
/** @import {Needs} from "../../stores/needs.js" */

const MOST = 3;
/** @type {Record<string, string>} */
const SIGNS = { permission: "pause", question: "help", failed: "alert", broken: "broken", budget: "alert", stale: "clock" };

export class NeedsBrief extends HTMLElement {
  connectedCallback() {
    render(this, panel({
      name: "needs-brief",
      title: "Needs you",
      note: html`<span class="brief-text" role="status">Checking…</span>`,
      controls: html`<a class="button all-needs" href="#/needs-you">All</a>`,
      body: html`<div class="brief-body"></div>`,
    }));
  }

  /** Show what the store has; called again at each change. @param {Needs} needs */
  show(needs) {
    const { list, problem } = needs;
    const place = one(this, ".brief-body");
    if (!list) {
      if (problem) say(place, state({ name: "brief-failed", isPart: true, sign: "alert", text: `${problem.message} It is tried again when the connection is back.` }));
      return;
    }
    const open = needs.open;
    // Who works is said of all agents, in the list below.
    const able = list.sources.filter(({ is_on }) => is_on).length;
    const text = open.length === 0 ? `${able} of ${list.sources.length} sources can tell` : open.length === 1 ? "1 thing needs you" : `${open.length} things need you`;
    const note = one(this, ".brief-text");
    if (note.textContent !== text) render(note, html`<a href="#/needs-you">${text}</a>`);
    this.dataset.state = open.length > 0 ? "needed" : clearance(list.sources).isClear ? "clear" : "unknown";
    say(place, open.length > 0 ? some(open) : none(list));
  }
}

/** Make the element known. */
export function register() {
  define("needs-brief", NeedsBrief);
}

/** @param {Need[]} open */
function some(open) {
  const more = open.length - MOST;
  return html`<ol class="brief-needs">${open.slice(0, MOST).map(
    ({ id, kind, title, since, link, rests_on, certainty }) => html`<li data-testid="brief-need" data-kind="${kind}" data-need="${id}">${icon(SIGNS[kind] ?? "help")}<a href="${link ?? "#/needs-you"}" title="${title}. Rests on: ${rests_on} (${certainty})">${title}</a><span class="since">${timeAgo(since, { form: "span" })}</span></li>`,
  )}</ol>${more > 0 ? html`<p class="hint"><a href="#/needs-you">and ${more} more</a></p>` : null}`;
}

/** @param {NeedList} list */
function none({ sources }) {
  const { isClear, title, off } = clearance(sources);
  return html`<div class="brief-none" data-testid="brief-none">${icon(isClear ? "check" : "help")}<strong>${title}</strong></div>
    <ul class="brief-sources">${sources.map(({ name, is_on, text }) => html`<li data-on="${is_on}" title="${text}">${icon(is_on ? "check" : "close")}${sourceName(name)}${is_on ? "" : ": cannot tell"}</li>`)}</ul>
    ${off.length > 0 ? html`<p class="hint"><a href="#/needs-you">What is off, and how to change that</a></p>` : null}`;
}
