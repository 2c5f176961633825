/** The log page of a job, entry by entry, rendered when it comes into view; it grows while it is shown: `pipeline-log`. */
import { define, delegate, keyed, one } from "../../lib/dom.js";
import { bytes, dateTime, plural } from "../../lib/format.js";
import { element, html, icon, render } from "../../lib/html.js";
import { showMarkdown } from "../../lib/long-markdown.js";
import { plain } from "../../lib/markdown.js";
import { atMostEvery } from "../../lib/signals.js";
import { timeAgo } from "../../ui/age.js";
import { state } from "../../ui/state.js";
import * as api from "./api.js";
import { LogText } from "./log-text.js";
import { oneAtATime } from "./one-at-a-time.js";
/** @import {LogFile} from "./types.js" */
/** @import {Entry} from "./log-text.js" */
/** @typedef {HTMLElement & {entry?: Entry, rendered?: string}} EntryElement */

const AGAIN_MS = 200;
const AHEAD_PX = 800;
const AT_END_PX = 48;
// A log is no file of a project: what is beside it is not served, so its links and pictures lead nowhere.
const NOWHERE = { addressOf: () => null, pictureAt: () => null };

export class PipelineLog extends HTMLElement {
  /** @type {{pipeline: string, job: string} | null} */
  #of = null;
  #text = new LogText();
  #known = ""; // size and time of the file that was asked for
  #isFollowing = false;
  #head = "";
  /** @type {AbortController} */
  #asking = new AbortController();
  /** @type {HTMLElement | null} */
  #scroller = null;
  #again = atMostEvery(AGAIN_MS, oneAtATime(() => this.#askForEnd()));
  /** @type {IntersectionObserver | null} */
  #inView = null;
  #size = new ResizeObserver(() => this.#isFollowing && this.#toEnd());

  connectedCallback() {
    if (this.firstChild) return;
    render(this, html`<header class="log-top"><h3>Log</h3><span class="log-sum" role="status" data-testid="log-sum"></span>
        <button type="button" class="button to-end">${icon("down")}To the end</button></header>
      <p class="log-problem pipe-old" role="status" hidden></p>
      <button type="button" class="button earlier" data-testid="log-earlier" hidden>Show what is before</button>
      <div class="log-none"></div>
      <ol class="log-entries" aria-label="Entries of the log" data-testid="log-entries"></ol>`);
    delegate(this, "click", ".earlier", () => this.#askForEarlier());
    delegate(this, "click", ".to-end", () => this.#toEnd());
    this.#size.observe(one(this, ".log-entries"));
  }

  /** `scroller` is what it is scrolled in. @param {HTMLElement} scroller */
  setUp(scroller) {
    this.#scroller = scroller;
    this.#inView = new IntersectionObserver((seen) => this.#renderThose(seen), { root: scroller, rootMargin: `${AHEAD_PX}px` });
    scroller.addEventListener("scroll", () => (this.#isFollowing = !this.hidden && this.#isAtEnd), { passive: true });
  }

  /**
   * Show the log of a job, which may have grown since.
   * @param {string} pipeline
   * @param {string} job
   * @param {LogFile | null} file
   */
  show(pipeline, job, file) {
    const isOther = this.hidden || job !== this.#of?.job || pipeline !== this.#of.pipeline;
    Object.assign(this, { hidden: false });
    if (isOther) this.#begin(pipeline, job);
    const known = file ? `${file.size_bytes} ${file.changed_at}` : "";
    if (known === this.#known && !isOther) return;
    this.#known = known;
    if (file) this.#again();
    else this.#sayNone();
  }

  /** It is hidden: ask for nothing. */
  hide() {
    if (this.hidden) return;
    this.hidden = true;
    this.#of = null;
    this.#asking.abort();
  }

  /** Ask for the end of it. */
  refresh() {
    if (!this.hidden && this.#known) this.#again();
  }

  /** @param {string} pipeline @param {string} job */
  #begin(pipeline, job) {
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#of = { pipeline, job };
    this.#text = new LogText();
    this.#known = "";
    this.#isFollowing = false;
    one(this, ".log-entries").replaceChildren();
    render(one(this, ".log-none"), state({ isWaiting: true, isPart: true, text: "Loading the log…" }));
    this.#say(null);
    this.#paintHead();
  }

  async #askForEnd() {
    const { signal } = this.#asking;
    const of = this.#of;
    if (of === null) return;
    try {
      const { after } = this.#text;
      const answer = await api.getLog(of.pipeline, of.job, { after }, signal);
      if (of !== this.#of) return;
      this.#text.takeEnd(answer, after);
      this.#known = `${answer.size_bytes} ${answer.changed_at}`;
      this.#say(null);
      this.#paint();
    } catch (error) {
      if (of === this.#of && !signal.aborted) this.#say(/** @type {Error} */ (error));
    }
  }

  async #askForEarlier() {
    const { signal } = this.#asking;
    const of = this.#of;
    const button = /** @type {HTMLButtonElement} */ (one(this, ".earlier"));
    if (of === null || this.#text.before === null) return;
    button.disabled = true;
    try {
      const answer = await api.getLog(of.pipeline, of.job, { before: this.#text.before }, signal);
      if (of === this.#of && this.#text.takeEarlier(answer)) this.#paint();
    } catch (error) {
      if (of === this.#of && !signal.aborted) this.#say(/** @type {Error} */ (error));
    }
    button.disabled = false;
  }

  #paint() {
    const { entries, isEmpty } = this.#text;
    const isNone = !isEmpty && entries.length === 0;
    if (isNone) this.#sayNone();
    else if (!isEmpty) render(one(this, ".log-none"), html``);
    const list = one(this, ".log-entries");
    keyed(list, entries, ({ key }) => key, makeEntry, (place, entry) => this.#fill(place, entry));
    this.#paintHead();
    if (this.#isFollowing) this.#toEnd();
  }

  /** @param {EntryElement} place @param {Entry} entry */
  #fill(place, entry) {
    if (place.entry?.text === entry.text && place.entry.time === entry.time) return;
    const isNew = place.entry === undefined;
    place.entry = entry;
    if (!isNew) return void this.#renderOne(place);
    // As it was written, until it comes into view.
    render(place, html`${entry.time ? html`<p class="entry-time"><time datetime="${entry.time}">${dateTime(entry.time)}</time></p>` : null}<article class="prose" dir="auto"></article>`);
    one(place, "article").replaceChildren(plain(entry.text));
    this.#inView?.observe(place);
  }

  /** @param {IntersectionObserverEntry[]} seen */
  #renderThose(seen) {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting) continue;
      this.#inView?.unobserve(target);
      this.#renderOne(/** @type {EntryElement} */ (target));
    }
  }

  /** @param {EntryElement} place */
  async #renderOne(place) {
    const { signal } = this.#asking;
    const text = place.entry?.text ?? "";
    const article = one(place, "article");
    const isDone = await showMarkdown(article, text, { ...NOWHERE, signal });
    if (signal.aborted || place.entry?.text !== text) return;
    if (!isDone) article.replaceChildren(plain(text)); // it takes too long: as it was written
    // What is wider than the page is scrolled by keyboard too.
    for (const wide of article.querySelectorAll("table")) if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    place.dataset.rendered = String(isDone);
  }

  #sayNone() {
    render(one(this, ".log-none"), state({ name: "no-log", isPart: true, sign: "text", title: "No log yet", text: "What the agent appends to the log of this job appears here." }));
  }

  /** @param {Error | null} error */
  #say(error) {
    const place = one(this, ".log-problem");
    place.hidden = error === null;
    place.textContent = error ? `${error.message} ${this.#text.isEmpty ? "The log cannot be shown." : "What you see may be old."}` : "";
    if (error && this.#text.isEmpty) render(one(this, ".log-none"), html``);
  }

  #paintHead() {
    const { entries, isEmpty, size_bytes, changed_at, before } = this.#text;
    one(this, ".earlier").hidden = before === null;
    one(this, ".to-end").hidden = isEmpty;
    const markup = isEmpty ? html`` : html`${before === null ? plural(entries.length, "entry", "entries") : `the last ${plural(entries.length, "entry", "entries")}`} · ${bytes(size_bytes)} · ${timeAgo(changed_at)}`;
    if (markup.text === this.#head) return;
    this.#head = markup.text;
    render(one(this, ".log-sum"), markup);
  }

  get #isAtEnd() {
    const scroller = this.#scroller;
    return scroller !== null && scroller.scrollHeight > scroller.clientHeight && scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < AT_END_PX;
  }

  #toEnd() {
    this.#scroller?.scrollTo({ top: this.#scroller.scrollHeight });
  }
}

/** @returns {EntryElement} */
function makeEntry() {
  return element(html`<li class="log-entry" data-testid="log-entry"></li>`);
}

/** Make the element known. */
export function register() {
  define("pipeline-log", PipelineLog);
}
