/**
 * The palette: one field that finds tasks, files, log lines, plans, pipelines, jobs, agents, calls, pages, settings and actions. What
 * the page has is there at once; the service is asked for the rest when typing pauses. All of it works by keyboard.
 */
import { define, delegate, loadStyle, one } from "../../lib/dom.js";
import { plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { getJson } from "../../live/http.js";
import { LABELS, joined, keyOf, unknownKinds } from "./joined.js";
import { atFirst, findHere } from "./local.js";
import { isEmpty, parse, wants } from "./query.js";
import { parts } from "./rank.js";
/** @import {Dashboard, Page} from "../../lib/types.js" */
/** @import {Action, Group, Hit, SettingName} from "./local.js" */
/** @import {Query} from "./query.js" */
/** What it can find by itself. @typedef {{stores: Dashboard["stores"], pages: Page[], actions: Action[]}} Has */

/** @type {Record<string, string>} */
const SIGNS = { tasks: "inbox", files: "file", plans: "table", pipelines: "group", jobs: "play", logs: "text", agents: "user", sessions: "eye", calls: "activity", pages: "system", settings: "edit", actions: "arrow" };
/** In two requests: names of files are there soon, and do not wait for what is looked for in large texts. */
const ASKED = [["files"], ["tasks", "plans", "pipelines", "jobs", "agents", "sessions", "logs", "calls"]];
const PAUSE_MS = 90;
const MOST = 8;
const PAGE_ROWS = 8;

class PaletteDialog extends HTMLElement {
  /** @type {Has | null} */
  #has = null;
  /** @type {SettingName[]} */
  #settings = [];
  /** @type {Group[]} */
  #here = [];
  /** What the service has found, by the request. @type {Map<number, {hits: Hit[], incomplete: string[]}>} */
  #there = new Map();
  /** @type {Hit[]} */
  #hits = [];
  #at = 0;
  #isAsking = 0;
  #problem = "";
  /** @type {AbortController | null} */
  #asking = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * What it can find by itself.
   * @param {Has} has
   */
  setUp(has) {
    this.#has = has;
    render(this, frame());
    const field = this.#field;
    field.addEventListener("input", () => this.#changed());
    this.addEventListener("keydown", (event) => this.#press(event));
    this.#dialog.addEventListener("close", () => this.#stop());
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
    delegate(this, "click", ".palette-close", () => this.#dialog.close());
    delegate(this, "mousemove", "[role=option]", (_, row) => this.#select(Number(row.dataset.at)));
    delegate(this, "click", "[role=option]", (event, row) => {
      event.preventDefault();
      this.#choose(Number(row.dataset.at), event.ctrlKey || event.metaKey);
    });
  }

  /**
   * Show it with what was typed already; if that is nothing, mark what it had.
   * @param {string} [typed]
   */
  open(typed = "") {
    if (typed) this.#field.value = typed;
    const isNew = !this.#dialog.open;
    if (isNew) this.#dialog.showModal();
    if (isNew || typed) this.#changed();
    if (isNew && this.#settings.length === 0) this.#loadSettings();
    this.#field.focus();
    if (!typed) this.#field.select();
  }

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (one(this, "dialog"));
  }

  get #field() {
    return /** @type {HTMLInputElement} */ (one(this, "input"));
  }

  async #loadSettings() {
    try {
      this.#settings = (await getJson("/api/settings")).settings;
    } catch {
      return; // only an admin may see them; else the next opening asks again
    }
    if (this.#dialog.open && this.#field.value) this.#search();
  }

  #changed() {
    this.#asking?.abort();
    clearTimeout(this.#timer);
    this.#there.clear();
    this.#problem = "";
    this.#at = 0;
    this.#isAsking = 0;
    const query = this.#search();
    if (isEmpty(query)) return;
    const requests = ASKED.filter((kinds) => kinds.some((kind) => wants(query, kind)));
    this.#isAsking = requests.length;
    this.#say();
    this.#timer = setTimeout(() => this.#ask(requests), PAUSE_MS);
  }

  /** Find what is here, and draw. */
  #search() {
    const query = parse(this.#field.value);
    const { stores, pages, actions } = /** @type {Has} */ (this.#has);
    this.#here = isEmpty(query) ? atFirst({ pages, actions }) : findHere(query, { board: stores.get("tasks"), pages, actions, settings: this.#settings });
    this.#draw(query);
    return query;
  }

  /** @param {string[][]} requests */
  async #ask(requests) {
    const asking = (this.#asking = new AbortController());
    const q = this.#field.value;
    const done = async (/** @type {string[]} */ kinds, /** @type {number} */ number) => {
      try {
        const found = await getJson("/api/search", { q, kinds: kinds.join(","), limit: MOST }, asking.signal);
        if (asking.signal.aborted) return;
        this.#there.set(number, found);
      } catch (error) {
        if (asking.signal.aborted) return;
        this.#problem = /** @type {Error} */ (error).message;
      }
      this.#isAsking -= 1;
      this.#draw(parse(q));
    };
    await Promise.all(requests.map(done));
  }

  #stop() {
    this.#asking?.abort();
    clearTimeout(this.#timer);
  }

  /** @param {Query} query */
  #draw(query) {
    const chosen = keyOf(this.#hits[this.#at]);
    const groups = joined(this.#here, [...this.#there.values()]);
    this.#hits = groups.flatMap(({ hits }) => hits);
    let at = 0;
    render(one(this, "[role=listbox]"), html`${groups.map(({ kind, hits, more }) => html`<div role="group" aria-label="${LABELS[kind]}"><div class="palette-kind" aria-hidden="true">${LABELS[kind]}${more > 0 ? html` <span class="faint">${more === Infinity ? "and more" : `and ${more.toLocaleString("en")} more`}</span>` : null}</div>${hits.map((hit) => option(hit, at++, query.words))}</div>`)}`);
    // What is chosen stays so while more comes, unless it is the first: better ones may come before it.
    const again = this.#at > 0 && chosen ? this.#hits.findIndex((hit) => keyOf(hit) === chosen) : 0;
    this.#select(Math.max(0, again), false);
    this.#say();
  }

  #say() {
    const place = one(this, ".palette-state");
    const count = this.#hits.length;
    const query = parse(this.#field.value);
    const text = this.#problem || (this.#isAsking > 0 ? "Searching…" : isEmpty(query) ? unasked(query) : count === 0 ? nothing(query) : plural(count, "hit"));
    if (place.textContent !== text) place.textContent = text;
    one(this, "dialog").toggleAttribute("data-busy", this.#isAsking > 0);
  }

  /**
   * @param {number} at
   * @param {boolean} [isSeen] that it is to be scrolled to
   */
  #select(at, isSeen = true) {
    this.#at = at;
    const rows = this.querySelectorAll("[role=option]");
    const before = this.querySelector("[aria-selected=true]");
    const row = rows[at];
    if (before !== row) before?.setAttribute("aria-selected", "false");
    row?.setAttribute("aria-selected", "true");
    if (row) this.#field.setAttribute("aria-activedescendant", row.id);
    else this.#field.removeAttribute("aria-activedescendant");
    if (isSeen) row?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.isComposing) return;
    const last = this.#hits.length - 1;
    const { ctrlKey, metaKey } = event;
    /** @type {Record<string, () => number>} */
    const moves = {
      ArrowDown: () => (this.#at === last ? 0 : this.#at + 1),
      ArrowUp: () => (this.#at === 0 ? last : this.#at - 1),
      PageDown: () => Math.min(last, this.#at + PAGE_ROWS),
      PageUp: () => Math.max(0, this.#at - PAGE_ROWS),
      ...(ctrlKey ? { Home: () => 0, End: () => last } : {}),
    };
    if (moves[event.key] && last >= 0) {
      event.preventDefault();
      this.#select(moves[event.key]());
    } else if (event.key === "Enter" && event.target === this.#field) {
      event.preventDefault();
      this.#choose(this.#at, ctrlKey || metaKey);
    }
  }

  /**
   * @param {number} at
   * @param {boolean} isApart in a tab of its own
   */
  #choose(at, isApart) {
    const hit = this.#hits[at];
    if (!hit) return;
    if (hit.href && isApart) {
      open(hit.href);
      return;
    }
    this.#dialog.close();
    if (hit.act) hit.act();
    else if (hit.href) location.hash = hit.href;
  }
}

/** What is missing in a query that asks for nothing. @param {Query} query */
function unasked({ without }) {
  return without.length > 0 ? "Add what to find: a “-word” only leaves things out" : "";
}

/** Why there is nothing. @param {Query} query */
function nothing(query) {
  const [unknown] = unknownKinds(query);
  if (unknown === undefined) return "Nothing has these words";
  return `There is no kind “${unknown}”, but ${Object.keys(LABELS).join(", ")}`;
}

/**
 * @param {Hit} hit
 * @param {number} at
 * @param {string[]} words
 */
function option({ kind, title, text, keys }, at, words) {
  return html`<div role="option" id="palette-${at}" data-at="${at}" data-kind="${kind}" data-testid="palette-hit" aria-selected="false">${icon(SIGNS[kind])}<span class="hit-words"><span class="hit-title" dir="auto">${marked(title, words)}</span><span class="hit-text" dir="auto">${marked(text, words)}</span></span>${keys ? html`<kbd>${keys}</kbd>` : null}</div>`;
}

/**
 * @param {string} text
 * @param {string[]} words
 */
function marked(text, words) {
  return parts(text, words).map(([part, isHit]) => (isHit ? html`<mark>${part}</mark>` : html`${part}`));
}

function frame() {
  return html`<dialog class="dialog palette" data-testid="palette" aria-label="Find anything">
    <div class="palette-top">${icon("search")}<input type="text" role="combobox" aria-expanded="true" aria-controls="palette-hits" aria-autocomplete="list" aria-label="Find tasks, files, log lines, pages, settings, actions" placeholder="Find anything, or do something" autocomplete="off" autocapitalize="off" spellcheck="false" data-testid="palette-field" /><button type="button" class="button icon-button palette-close" aria-label="Close">${icon("close")}</button></div>
    <div role="listbox" id="palette-hits" aria-label="Hits" tabindex="-1"></div>
    <p class="palette-foot"><span class="palette-state" role="status"></span><span class="palette-help"><kbd>↑</kbd> <kbd>↓</kbd> choose, <kbd>Enter</kbd> open, <code>-word</code> without it, <code>status:failed,blocked</code>, <code>-agent:ada</code>, <code>kind:file</code></span></p>
  </dialog>`;
}

/** @type {PaletteDialog | null} */
let palette = null;

/**
 * The palette, made at its first use.
 * @param {Has} has
 */
export async function paletteOf(has) {
  await loadStyle(new URL("./palette.css", import.meta.url).href);
  if (palette === null) {
    define("palette-dialog", PaletteDialog);
    palette = /** @type {PaletteDialog} */ (document.createElement("palette-dialog"));
    palette.setUp(has);
    document.body.append(palette);
  }
  return palette;
}
