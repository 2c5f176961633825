/**
 * What changed in a file, between any two of its stored contents. `show({project, path, from, to, base, signal})`;
 * emits `query-change {changes: {from, to}}`.
 */
import { define, delegate, emit, remember, remembered } from "../../lib/dom.js";
import { age, bytes, clock, dateTime, moment } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { showHunks } from "./diff-view.js";
import { note } from "./states.js";

const NARROW = "(max-width: 900px)";
const ENDS = { lf: "LF", crlf: "CRLF", mixed: "LF and CRLF mixed", none: "no line end" };

export class ArtifactDiff extends HTMLElement {
  #api = null;
  #asked = null;
  #diff = null;
  #layout = remembered("diff") ?? "split";

  connectedCallback() {
    render(this, frame());
    delegate(this, "click", "[data-layout-choice]", (_, { dataset }) => this.#choose(dataset.layoutChoice));
    this.addEventListener("change", ({ target }) => emit(this, "query-change", { changes: { [target.name]: target.value } }));
    matchMedia(NARROW).addEventListener("change", () => this.#draw());
  }

  /** `api` has getVersions and getDiff. */
  set api(api) {
    this.#api = api;
  }

  /**
   * Compare two contents: each is the SHA-256 of a version or null, `to` null is the present. Without `from` it is `base`,
   * the content that the user saw last, or else the version before.
   */
  async show(asked) {
    const isOther = asked.path !== this.#asked?.path || asked.project !== this.#asked?.project;
    this.#asked = asked;
    if (isOther) this.#clear();
    try {
      const { versions, looked_at: looked } = await this.#api.getVersions(asked.project, asked.path, asked.signal);
      const from = chosen(asked, versions);
      if (this.#asked !== asked) return;
      this.#choices(versions, looked, from, asked);
      if (from === null) return this.#nothing(versions);
      const wanted = { path: asked.path, from, to: asked.to ?? "current" };
      const diff = await this.#api.getDiff(asked.project, wanted, asked.signal);
      if (this.#asked !== asked) return;
      this.#diff = diff;
      await this.#draw();
    } catch (error) {
      if (asked.signal.aborted || this.#asked !== asked) return;
      this.#say(note({ name: "diff-problem", sign: "alert", title: "It cannot be compared", words: error.message }));
    }
  }

  #clear() {
    this.#diff = null;
    this.querySelector(".diff-body").replaceChildren();
    this.querySelector(".diff-sum").textContent = "";
    this.querySelector(".diff-choices").hidden = true;
  }

  #choices(versions, looked, from, { to, base }) {
    const mine = base ?? looked;
    const said = (version) => `${agoText(version.seen_at)} · ${bytes(version.size_bytes)}`;
    const olds = versions.map((version) => ({
      value: version.sha256,
      words: `${version.sha256 === mine?.sha256 ? `Seen ${agoText(mine.time)}` : said(version)}${version.current ? " (as it is now)" : ""}`,
    }));
    const newer = [
      { value: "", words: "As it is now" },
      ...versions.filter(({ current }) => !current).map((version) => ({ value: version.sha256, words: said(version) })),
    ];
    fillSelect(this.querySelector('select[name="from"]'), olds, from ?? "");
    fillSelect(this.querySelector('select[name="to"]'), newer, to ?? "");
    this.querySelector(".diff-choices").hidden = versions.length < 2;
  }

  #nothing(versions) {
    this.#diff = null;
    this.querySelector(".diff-sum").textContent = "";
    const words =
      versions.length === 0
        ? "No content of this file is stored: it is too large, not text, or was not read yet."
        : `One content of this file is stored, seen ${agoText(versions[0].seen_at)}. When it changes, the difference is shown here.`;
    this.#say(note({ name: "diff-nothing", sign: "diff", title: "No change has been seen", words }));
  }

  async #draw() {
    const layout = matchMedia(NARROW).matches ? "unified" : this.#layout;
    for (const button of this.querySelectorAll("[data-layout-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.layoutChoice === layout));
    }
    const diff = this.#diff;
    if (!diff) return;
    const { added, removed, hunks } = diff;
    render(this.querySelector(".diff-sum"), html`<span class="plus">+${added}</span> <span class="minus">−${removed}</span>${remarks(diff).map((words) => html`<span class="diff-remark">${words}</span>`)}`);
    if (hunks.length === 0) {
      const words = diff.from.sha256 === diff.to.sha256 ? "Both are the same." : "The lines are the same; only how they end differs.";
      return this.#say(note({ name: "diff-same", sign: "check", title: "No line differs", words }));
    }
    await showHunks(this.querySelector(".diff-body"), hunks, layout, this.#asked.signal);
  }

  #say(markup) {
    render(this.querySelector(".diff-body"), markup);
  }

  #choose(layout) {
    this.#layout = layout;
    remember("diff", layout);
    this.#draw();
  }
}

/** Make the element known. */
export function register() {
  define("artifact-diff", ArtifactDiff);
}

/** The SHA-256 of the older content; null if there is none to compare with. */
function chosen({ from, to, base }, versions) {
  const isStored = (sha256) => versions.some((version) => version.sha256 === sha256);
  if (from && isStored(from)) return from;
  const newer = versions.findIndex((version) => (to ? version.sha256 === to : version.current));
  if (!to && base && isStored(base.sha256) && base.sha256 !== versions[newer]?.sha256) return base.sha256;
  return versions.find((version, index) => index > newer && version.sha256 !== versions[newer]?.sha256)?.sha256 ?? null;
}

function fillSelect(select, options, value) {
  const state = JSON.stringify([options, value]);
  if (select.state === state) return;
  select.state = state;
  render(select, html`${options.map(({ value: key, words }) => html`<option value="${key}">${words}</option>`)}`);
  select.value = value;
}

function agoText(time) {
  const then = moment(time);
  const text = age(then);
  if (text === "now") return "just now";
  return Date.now() - then < 86_400_000 ? `${text} ago, ${clock(time)}` : dateTime(time);
}

function remarks({ truncated, coarse, old_ends: old, new_ends: now }) {
  return [
    truncated && "Only the first changes are shown.",
    coarse && "Some of it is too large to be compared line by line.",
    old.kind !== now.kind && `Line ends: ${ENDS[old.kind]}, now ${ENDS[now.kind]}.`,
    old.last_ended !== now.last_ended && (now.last_ended ? "The last line has an end now." : "The last line has no end now."),
  ].filter(Boolean);
}

function frame() {
  return html`<div class="diff-bar">
      <div class="diff-choices" hidden>
        <label>From <select class="pill" name="from" data-testid="diff-from"></select></label>
        <label>to <select class="pill" name="to" data-testid="diff-to"></select></label>
      </div>
      <p class="diff-sum" role="status" data-testid="diff-sum"></p>
      <div class="segments" role="group" aria-label="How to show changes">
        <button type="button" class="segment" data-layout-choice="split" data-testid="diff-split">Side by side</button><button type="button" class="segment" data-layout-choice="unified" data-testid="diff-unified">Unified</button>
      </div>
    </div>
    <div class="diff-body" data-testid="diff"></div>`;
}
