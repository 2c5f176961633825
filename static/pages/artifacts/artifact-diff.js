/**
 * What changed in a file, between any two of its stored contents. `show({project, path, from, to, base, signal})`;
 * emits `query-change {changes: {from, to}}`.
 */
import { define, delegate, emit, one, remember, remembered } from "../../lib/dom.js";
import { bytes } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { agoText, olderOf, remarks, sameText } from "./diff-text.js";
import { showHunks } from "./diff-view.js";
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
