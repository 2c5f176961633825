/** The hosts of the board, on the page of the system: how old the truth about each is, how far behind, its version, what is degraded. */
import { define, one } from "../lib/dom.js";
import { count, dateTime, plural } from "../lib/format.js";
import { html, icon, render } from "../lib/html.js";
import { effect } from "../lib/signals.js";
import { getJson } from "../live/http.js";
import { panel } from "../ui/panel.js";
import { put } from "../ui/put.js";
import { Repeating } from "../ui/repeating.js";
import { stateText } from "./host-mark.js";
import { words } from "./lists.js";
import { addressOf } from "./owner.js";
/** @import {Member, Route, Signal} from "../lib/types.js" */
/** @import {Hosts} from "../stores/hosts.js" */

const ASK_EVERY_MS = 5_000; // how far behind a host is, is no event
const MOST_DEGRADED = 10;
const MOST_HOSTS = 200; // the rest is counted

/**
 * Make the element known: the one on the page comes to life.
 * @param {{hosts: Hosts, route: Signal<Route>}} dashboard
 */
export function register({ hosts, route }) {
  define("hosts-panel", class extends HostsPanel {
    constructor() {
      super(hosts, route);
    }
  });
}

class HostsPanel extends HTMLElement {
  #hosts;
  #route;
  #asking = new Repeating(ASK_EVERY_MS, () => this.#ask());
  #isFollowing = false;

  /**
   * @param {Hosts} hosts
   * @param {Signal<Route>} route
   */
  constructor(hosts, route) {
    super();
    this.#hosts = hosts;
    this.#route = route;
  }

  connectedCallback() {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    render(this, panel({ name: "hosts", title: "Hosts", note: " ", body: html`<div class="hosts-body"></div>` }));
    let isAsking = false;
    effect(() => {
      const { page, item } = this.#route.value;
      const isShown = page === "settings" && item === "system";
      if (isShown !== isAsking) isAsking = isShown ? (this.#asking.start(), true) : (this.#asking.stop(), false);
      this.#hosts.revision.value;
      if (isShown) this.#draw();
    });
  }

  async #ask() {
    await getJson("/api/members").then((answer) => this.#hosts.correct(answer), () => {}); // it is asked again
  }

  #draw() {
    const { members, journal, board } = this.#hosts;
    this.hidden = !this.#hosts.isMany;
    const note = one(this, ".panel-note");
    const text = [`Board ${board}`, plural(members.size, "host"), members.size > MOST_HOSTS && `the first ${MOST_HOSTS} are shown`, journal && !journal.ok && `writing to Redis is held up: ${words(journal.reason) || "it cannot be reached"}`, journal && !journal.ok && `${plural(journal.waiting, "event")} waiting`].filter(Boolean).join(" · ");
    if (note.textContent !== text) note.textContent = text;
    put(one(this, ".hosts-body"), html`<div class="table-box" tabindex="0" role="region" aria-label="Hosts"><table class="host-rows"><thead><tr><th scope="col">Host</th><th scope="col">What is shown of it</th><th scope="col" class="number">Behind</th><th scope="col">Version</th><th scope="col">Workspace</th><th scope="col">Degraded</th></tr></thead>
      <tbody>${[...members.values()].slice(0, MOST_HOSTS).map((member) => row(member, this.#hosts.labelOf(member.observer)))}</tbody></table></div>`);
  }
}

/**
 * @param {Member} member
 * @param {string} label
 */
function row(member, label) {
  const { observer, host, url, version, workspace, state, since, as_of, behind, refused, error, degraded, is_self: isSelf } = member;
  const address = addressOf(url);
  const name = words(label);
  const link = address && !isSelf ? html`<a href="${address.base}/" target="_blank" rel="noopener noreferrer">${name}</a>` : name;
  const where = [words(host), observer].filter(Boolean).join(" · ");
  const all = degraded.slice(0, MOST_DEGRADED);
  const more = degraded.length - all.length;
  return html`<tr data-testid="member" data-host="${observer}" data-state="${isSelf ? "self" : state}">
    <th scope="row"><span dir="auto">${link}</span><span class="faint host-where">${where}</span></th>
    <td><span class="host-state" data-testid="member-state" data-tone="${isSelf || state === "live" ? "run" : state === "as_of" ? "warn" : "bad"}" title="since ${dateTime(since)}${as_of ? `; right as of ${dateTime(as_of)}` : ""}">${stateText(member)}</span>${error ? html`<span class="faint host-where">${words(error)}</span>` : null}</td>
    <td class="number" title="events not applied here">${count(behind)}${refused > 0 ? html`<span class="faint host-where">${plural(refused, "entry", "entries")} refused</span>` : null}</td>
    <td>${words(version)}</td><td dir="auto">${words(workspace)}</td>
    <td>${degraded.length === 0 ? html`<span class="faint">nothing</span>` : html`<ul class="host-degraded">${all.map((one) => html`<li>${icon("alert")}<span><code>${words(one.root)}</code> ${words(one.mode)}: ${words(one.reason)}</span></li>`)}${more > 0 ? html`<li>and ${more} more</li>` : null}</ul>`}</td>
  </tr>`;
}
