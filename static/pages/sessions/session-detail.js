/** One session: its head and panels, and its transcript: `session-detail`. */
import { define, one } from "../../lib/dom.js";
import { html, render } from "../../lib/html.js";
import { atMostEvery } from "../../lib/signals.js";
import { listenForTasks } from "../../ui/task-links.js";
import { getSession } from "./api.js";
import { panelsOf, titleOf } from "./session-head.js";
import * as transcript from "./session-transcript.js";
/** @import {Markup} from "../../lib/types.js" */
/** @import {SessionDetail as Detail} from "./types.js" */

const AGAIN_MS = 1_500;
const READING_MS = 350;

export class SessionDetail extends HTMLElement {
  #id = "";
  /** @type {AbortController | null} */
  #asking = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Map<Element, string>} */
  #shown = new Map();
  #again = atMostEvery(AGAIN_MS, () => this.#id && this.#load());
  /** Called when it cannot be shown. @type {(error: Error) => void} */
  onFail = () => {};
  /** Called when it is there. */
  onShow = () => {};

  connectedCallback() {
    if (this.firstChild) return;
    render(this, html`<header class="session-head"></header><div class="session-body"><aside class="session-panels" aria-label="About this session"></aside><session-transcript></session-transcript></div>`);
    listenForTasks(this);
  }

  /** Show a session as the address says. @param {string} id @param {Record<string, string>} query */
  show(id, query) {
    const isOther = id !== this.#id;
    this.#id = id;
    if (isOther) {
      for (const place of [one(this, ".session-head"), one(this, ".session-panels")]) this.#put(place, html``);
      this.toggleAttribute("data-loading", true);
      this.#load();
    }
    this.#transcript.show(id, query);
  }

  /** Whether it is not there yet, and so not to be seen: its head would move the transcript. */
  get isWaiting() {
    return this.hasAttribute("data-loading");
  }

  /** It is hidden: ask for nothing. */
  hide() {
    this.#id = "";
    this.#asking?.abort();
    clearTimeout(this.#timer);
    this.#transcript.hide();
  }

  /** Its log, or that of a sub-agent, was written to. @param {string} session @param {string | null} parent */
  grew(session, parent) {
    if (session === this.#id) this.#transcript.grew();
    if (session === this.#id || parent === this.#id) this.#again();
  }

  /** Something may have been missed: read it again. */
  refresh() {
    if (!this.#id) return;
    this.#transcript.grew();
    this.#again();
  }

  get #transcript() {
    return /** @type {transcript.SessionTranscript} */ (one(this, "session-transcript"));
  }

  async #load() {
    this.#asking?.abort();
    clearTimeout(this.#timer);
    const { signal } = (this.#asking = new AbortController());
    try {
      const detail = await getSession(this.#id, signal);
      if (!signal.aborted) this.#draw(detail);
    } catch (error) {
      if (!signal.aborted) this.onFail(/** @type {Error} */ (error));
    }
  }

  /** @param {Detail} detail */
  #draw(detail) {
    this.onShow();
    this.#put(one(this, ".session-head"), titleOf(detail));
    this.#put(one(this, ".session-panels"), panelsOf(detail));
    this.removeAttribute("data-loading");
    if (!detail.is_indexed) this.#timer = setTimeout(() => this.#load(), READING_MS);
  }

  /** @param {HTMLElement} place @param {Markup} markup */
  #put(place, markup) {
    if (this.#shown.get(place) === markup.text) return;
    const focused = place.contains(document.activeElement) ? /** @type {HTMLAnchorElement} */ (document.activeElement).href : null;
    this.#shown.set(place, markup.text);
    render(place, markup);
    if (focused) [...place.querySelectorAll("a")].find(({ href }) => href === focused)?.focus({ preventScroll: true });
  }
}

/** Make the elements known. */
export function register() {
  transcript.register();
  define("session-detail", SessionDetail);
}
