/**
 * What changed in a file, between any two of its stored contents. `show({project, path, from, to, base, signal})`;
 * emits `query-change {changes: {from, to}}`.
 */
import { define, delegate, emit, one, remember, remembered } from "../../lib/dom.js";
import { bytes, clock, dateTime, moment } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { showHunks } from "./diff-view.js";
import { ago } from "../../ui/age.js";
import { segments } from "../../ui/segments.js";
import { fillSelect, select } from "../../ui/select.js";
import { note } from "./states.js";

/** @import {SegmentGroup} from "../../ui/segments.js" */
/** @import {Choice} from "../../ui/select.js" */
/** @import {Markup} from "../../lib/types.js" */
/** @import {Layout} from "./diff-view.js" */
/** @import {Api, Diff, DiffWanted, Seen, Version} from "./types.js" */

const LAYOUTS = [
  { value: "split", label: "Side by side" },
  { value: "unified", label: "Unified" },
];
const NARROW = "(max-width: 900px)";
const NOW_MS = 5_000;
const ENDS = { lf: "LF", crlf: "CRLF", mixed: "LF and CRLF mixed", none: "no line end" };

export class ArtifactDiff extends HTMLElement {
  /** @type {Api} */
  #api = /** @type {any} */ (null); // given before anything is asked of it
  /** @type {DiffWanted | null} */
  #asked = null;
  /** @type {Diff | null} */
  #diff = null;
  /** @type {Layout} */
  #layout = remembered("diff") === "unified" ? "unified" : "split";

  connectedCallback() {
    render(this, frame());
    this.addEventListener("segment-choose", ({ detail: { value } }) => this.#choose(value));
    delegate(this, "change", "select", (_, list) => this.#changed(/** @type {HTMLSelectElement} */ (list)));
    matchMedia(NARROW).addEventListener("change", () => this.#draw());
  }

  /**
   * `api` are the calls of api.js.
   * @param {Api} api
   */
  set api(api) {
    this.#api = api;
  }

  /**
   * Compare two contents: each is the SHA-256 of a version or null, `to` null is the present. Without `from` it is `base`,
   * the content that the user saw last, or else the version before.
   * @param {DiffWanted} asked
   */
  async show(asked) {
    const isOther = asked.path !== this.#asked?.path || asked.project !== this.#asked?.project;
    this.#asked = asked;
    if (isOther) this.#clear();
    try {
      const { versions, looked_at: seen } = await this.#api.getVersions(asked.project, asked.path, asked.signal);
      const from = olderOf(asked, versions);
      if (this.#asked !== asked) return;
      this.#choices(versions, from, asked.to, asked.base ?? seen);
      if (from === null) return this.#nothing(versions);
      const wanted = { path: asked.path, from, to: asked.to ?? "current" };
      const diff = await this.#api.getDiff(asked.project, { ...wanted, encoding: asked.encoding }, asked.signal);
      if (this.#asked !== asked) return;
      this.#diff = diff;
      await this.#draw();
    } catch (error) {
      if (asked.signal.aborted || this.#asked !== asked) return;
      const text = /** @type {Error} */ (error).message;
      this.#message(note({ name: "diff-problem", sign: "alert", title: "It cannot be compared", text }));
    }
  }

  #clear() {
    this.#diff = null;
    one(this, ".diff-body").replaceChildren();
    one(this, ".diff-sum").textContent = "";
    one(this, ".diff-choices").hidden = true;
  }

  /** @param {HTMLSelectElement} list */
  #changed({ name, value }) {
    emit(this, "query-change", { changes: { [name]: value } });
  }

  /**
   * @param {Version[]} versions
   * @param {string | null} from
   * @param {string | null} to
   * @param {Seen | null} seen
   */
  #choices(versions, from, to, seen) {
    const labelOf = (/** @type {Version} */ version) => `${agoText(version.seen_at)} · ${bytes(version.size_bytes)}`;
    const choiceOf = (/** @type {Version} */ version, label = labelOf(version)) => /** @type {Choice} */ ([version.sha256, label]);
    const older = versions.map((version) => {
      const label = version.sha256 === seen?.sha256 ? `Seen ${agoText(seen.time)}` : labelOf(version);
      return choiceOf(version, `${label}${version.current ? " (as it is now)" : ""}`);
    });
    /** @type {Choice[]} */
    const newer = [["", "As it is now"], ...versions.filter(({ current }) => !current).map((version) => choiceOf(version))];
    fillSelect(one(this, 'select[name="from"]'), { choices: older, value: from ?? "" });
    fillSelect(one(this, 'select[name="to"]'), { choices: newer, value: to ?? "" });
    one(this, ".diff-choices").hidden = versions.length < 2;
  }

  /** @param {Version[]} versions */
  #nothing(versions) {
    this.#diff = null;
    one(this, ".diff-sum").textContent = "";
    const text =
      versions.length === 0
        ? "No content of this file is stored: it is too large, not text, or was not read yet."
        : `One content of this file is stored, seen ${agoText(versions[0].seen_at)}. When it changes, the difference is shown here.`;
    this.#message(note({ name: "diff-nothing", sign: "diff", title: "No changes yet.", text }));
  }

  async #draw() {
    const layout = matchMedia(NARROW).matches ? "unified" : this.#layout;
    /** @type {SegmentGroup} */ (one(this, "segment-group")).value = layout;
    const [diff, asked] = [this.#diff, this.#asked];
    if (!diff || !asked) return;
    const { added, removed, hunks } = diff;
    render(one(this, ".diff-sum"), html`<span class="plus">+${added}</span> <span class="minus">−${removed}</span>${remarks(diff).map((text) => html`<span class="diff-remark">${text}</span>`)}`);
    if (hunks.length === 0) {
      const text = sameText(diff);
      return this.#message(note({ name: "diff-same", sign: "check", title: "No line differs", text }));
    }
    await showHunks(one(this, ".diff-body"), hunks, layout, asked.signal);
  }

  /** @param {Markup} markup */
  #message(markup) {
    render(one(this, ".diff-body"), markup);
  }

  /** @param {string | undefined} layout */
  #choose(layout) {
    this.#layout = layout === "unified" ? "unified" : "split";
    remember("diff", this.#layout);
    this.#draw();
  }
}

/** Make the element known. */
export function register() {
  define("artifact-diff", ArtifactDiff);
}

/**
 * The SHA-256 of the older content; null if there is none to compare with.
 * @param {DiffWanted} asked
 * @param {Version[]} versions
 */
function olderOf({ from, to, base }, versions) {
  const isStored = (/** @type {string} */ sha256) => versions.some((version) => version.sha256 === sha256);
  if (from && isStored(from)) return from;
  const newer = versions.findIndex((version) => (to ? version.sha256 === to : version.current));
  if (!to && base && isStored(base.sha256) && base.sha256 !== versions[newer]?.sha256) return base.sha256;
  return versions.find((version, index) => index > newer && version.sha256 !== versions[newer]?.sha256)?.sha256 ?? null;
}

/** @param {string} time */
function agoText(time) {
  const then = moment(time);
  const age_ms = Date.now() - then;
  if (age_ms >= 86_400_000) return dateTime(time);
  return age_ms < NOW_MS ? ago(then) : `${ago(then)}, ${clock(time)}`;
}

/** @param {Diff} diff */
function remarks({ truncated, coarse, old_ends: old, new_ends: now, from, to }) {
  const mark = to.byte_order_mark ? "It begins with a byte order mark now." : "The byte order mark at its beginning is gone.";
  return [
    from.encoding !== to.encoding && `Encoding: ${from.encoding.toUpperCase()}, now ${to.encoding.toUpperCase()}.`,
    from.byte_order_mark !== to.byte_order_mark && mark,
    truncated && "Only the first changes are shown.",
    coarse && "Some of it is too large to be compared line by line.",
    old.kind !== now.kind && `Line ends: ${ENDS[old.kind]}, now ${ENDS[now.kind]}.`,
    old.last_ended !== now.last_ended && (now.last_ended ? "The last line has an end now." : "The last line has no end now."),
  ].filter(Boolean);
}

/**
 * Why no line differs.
 * @param {Diff} diff
 */
function sameText({ from, to, old_ends: old, new_ends: now }) {
  if (from.sha256 === to.sha256) return "Both are the same.";
  const differs = [
    (old.kind !== now.kind || old.kind === "mixed" || old.last_ended !== now.last_ended) && "how they end",
    from.encoding !== to.encoding && "the encoding",
    from.byte_order_mark !== to.byte_order_mark && "the byte order mark",
  ].filter(Boolean);
  return `The lines are the same; ${differs.length ? `only ${differs.join(" and ")} differs` : "the bytes differ in what cannot be shown"}.`;
}

function frame() {
  return html`<div class="diff-bar">
      <div class="diff-choices" hidden>
        <label>From ${select({ name: "from", label: "Compare from", testid: "diff-from" })}</label>
        <label>to ${select({ name: "to", label: "Compare to", testid: "diff-to" })}</label>
      </div>
      <p class="diff-sum" role="status" data-testid="diff-sum"></p>
      ${segments({ name: "diff", label: "How to show changes", choices: LAYOUTS })}
    </div>
    <div class="diff-body" data-testid="diff"></div>`;
}
