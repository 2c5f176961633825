/** The page of sessions: all of them, or one. */
import { define, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { returns } from "../../lib/lazy.js";
import { atMostEvery, effect } from "../../lib/signals.js";
import { HttpError } from "../../live/http.js";
import { connecting, refusal, say, state } from "../../ui/state.js";
import { getSessions } from "./api.js";
import * as sessionDetail from "./session-detail.js";
import * as sessionList from "./session-list.js";
/** @import {Dashboard, Route} from "../../lib/types.js" */
/** @import {SessionPage} from "./types.js" */

export const tag = "sessions-page";

const ASK_EVERY_MS = 1_000;
const PAGE = 50;

export class SessionsPage extends HTMLElement {
  /** @type {Pick<Route, "item" | "query">} */
  #route = { item: null, query: {} };
  #isShown = false;
  #limit = PAGE;
  #asked = "";
  /** @type {SessionPage | null} */
  #page = null;
  /** @type {AbortController | null} */
  #asking = null;
  #ask = atMostEvery(ASK_EVERY_MS, () => this.#isShown && this.#route.item === null && this.#load());

  /** Join it to the stores, whose events say when to ask again. @param {Dashboard} dashboard */
  setUp({ stores }) {
    render(this, html`<div class="sessions-state"></div><session-list hidden></session-list><host-lists data-lists="sessions"></host-lists><session-detail hidden></session-detail>`);
    say(one(this, ".sessions-state"), connecting());
    this.#detail.onFail = (error) => this.#fail(error);
    this.#detail.onShow = () => this.#say(null);
    this.addEventListener("sessions-more", () => {
      this.#limit = Math.min(500, this.#limit + PAGE);
      this.#load();
    });
    stores.get("sessions")?.addEventListener("event", ({ detail: event }) => {
      if (!this.#isShown || event.type !== "session.grew") return;
      if (this.#route.item === null) this.#ask();
      else this.#detail.grew(event.session, event.parent);
    });
    effect(() => {
      returns.value;
      this.#ask();
      if (this.#isShown) this.#detail.refresh();
    });
  }

  /** @param {Route} route */
  show({ item, query }) {
    const wasShown = this.#isShown;
    if (item !== this.#route.item) this.scrollTop = 0;
    this.#route = { item, query };
    this.#isShown = true;
    if (item !== null) {
      this.#list.hidden = true;
      this.#detail.hidden = false;
      this.#detail.show(item, query);
      if (this.#detail.isWaiting) say(one(this, ".sessions-state"), connecting());
      return;
    }
    this.#detail.hidden = true;
    this.#detail.hide();
    const asked = JSON.stringify(query);
    if (asked !== this.#asked || !wasShown || this.#list.hidden) this.#load();
    this.#asked = asked;
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#isShown = false;
    this.#asking?.abort();
    this.#detail.hide();
  }

  get #list() {
    return /** @type {sessionList.SessionList} */ (one(this, "session-list"));
  }

  get #detail() {
    return /** @type {sessionDetail.SessionDetail} */ (one(this, "session-detail"));
  }

  async #load() {
    this.#asking?.abort();
    const { signal } = (this.#asking = new AbortController());
    const { q, program, state: status } = this.#route.query;
    try {
      const page = await getSessions({ q, program, state: status, limit: this.#limit }, signal);
      if (signal.aborted || this.#route.item !== null) return;
      this.#page = page;
      this.#say(null);
      this.#list.hidden = false;
      this.#list.show(page, this.#route.query);
      if (page.unseen > 0) setTimeout(() => this.#ask(), ASK_EVERY_MS);
    } catch (error) {
      if (!signal.aborted) this.#fail(/** @type {Error} */ (error));
    }
  }

  /** @param {Error} error */
  #fail(error) {
    const code = error instanceof HttpError ? error.code : "";
    const all = html`<a class="button" href="#/sessions">All sessions</a>`;
    if (code === "SESSIONS_OFF") {
      this.#say(state({ name: "sessions-off", sign: "stop", title: "Sessions are not shown", text: html`The setting <code>sessions</code> is off, so no session log is opened to be shown.` }));
    } else if (code === "NOT_FOUND") {
      this.#say(state({ name: "session-unknown", sign: "help", title: "There is no such session", text: "Its log may have been removed, or it is not yours to see.", more: all }));
    } else if (this.#route.item !== null || this.#page === null) {
      this.#say(refusal("sessions-failed", this.#route.item === null ? "The sessions cannot be shown" : "The session cannot be shown", error));
    }
  }

  /** Show what stands for the page; null: the page itself. @param {import("../../lib/types.js").Markup | null} markup */
  #say(markup) {
    say(one(this, ".sessions-state"), markup);
    if (markup === null) this.#detail.hidden = this.#route.item === null;
    else this.#list.hidden = this.#detail.hidden = true;
  }
}

/** Make the elements of the page known. */
export function register() {
  for (const part of [sessionList, sessionDetail]) part.register();
  define(tag, SessionsPage);
}
