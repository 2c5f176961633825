/**
 * How the board is shown: its lanes, the density of its cards, and views by name. `show({filters, lanes})` fills it, also while
 * it is open. Emits `filters-change {changes}`.
 */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { sentenceCase } from "../../lib/format.js";
import { flag, html, icon, render } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { lanesOf, movedLane, toggledLane } from "../../stores/lane-choice.js";
import { SavedViews, changesTo, isSameView } from "../../stores/saved-views.js";
import { copyText } from "../../ui/copy-button.js";
import { segments } from "../../ui/segments.js";
/** @import {Filters} from "../../lib/types.js" */
/** @import {LaneChoice} from "../../stores/lane-choice.js" */
/** @import {SavedView} from "../../stores/saved-views.js" */
/** @import {SegmentGroup} from "../../ui/segments.js" */

const DENSITIES = [
  { value: "", label: "Comfortable", testid: "density-comfortable" },
  { value: "compact", label: "Compact", testid: "density-compact" },
];
const EDGE = 8; // between the menu and the edge of the window

export class ViewMenu extends HTMLElement {
  /** @type {Filters} */
  #filters = {};
  /** @type {string[]} */
  #lanes = [];
  #saved = new SavedViews();

  connectedCallback() {
    this.popover = "auto";
    this.dataset.testid = "view-menu";
    this.setAttribute("role", "dialog");
    this.setAttribute("aria-label", "View of the board");
    render(this, frame());
    delegate(this, "click", "[data-do]", (_, { dataset: { do: what = "", name = "" } }) => this.#act(what, name));
    this.addEventListener("segment-choose", ({ detail: { value } }) => this.#change({ density: value }));
    one(this, "form").addEventListener("submit", (event) => {
      event.preventDefault();
      const input = /** @type {HTMLInputElement} */ (one(this, "input[name=view]"));
      this.#saved.save(input.value, this.#filters);
      input.value = "";
      this.#draw();
    });
  }

  /**
   * What is shown now, and which lanes there are.
   * @param {{filters: Filters, lanes: string[]}} shown
   */
  show({ filters, lanes }) {
    this.#filters = filters;
    this.#lanes = lanes;
    if (this.matches(":popover-open")) this.#draw();
  }

  /**
   * Open it below a button, or close it.
   * @param {HTMLElement} button
   */
  toggle(button) {
    if (this.matches(":popover-open")) return this.hidePopover();
    this.#draw();
    this.showPopover();
    const { bottom, right } = button.getBoundingClientRect();
    const left = Math.max(EDGE, Math.min(right, innerWidth - EDGE) - this.offsetWidth);
    Object.assign(this.style, { top: `${bottom + 6}px`, left: `${left}px`, maxHeight: `${Math.max(160, innerHeight - bottom - 6 - EDGE)}px` });
    /** @type {HTMLElement | null} */ (this.querySelector("button, input"))?.focus();
  }

  /**
   * @param {string} what
   * @param {string} name
   */
  #act(what, name) {
    const { all } = this.#saved;
    if (what === "show") this.#change(toggledLane(this.#filters, "hide", name));
    else if (what === "fold") this.#change(toggledLane(this.#filters, "fold", name));
    else if (what === "up") this.#change(movedLane(this.#filters, this.#lanes, name, -1));
    else if (what === "down") this.#change(movedLane(this.#filters, this.#lanes, name, 1));
    else if (what === "open") this.#change(changesTo(all.find((view) => view.name === name)?.filters ?? {}));
    else if (what === "reset") this.#change(changesTo({}));
    else if (what === "copy") this.#copy();
    else this.#remove(name);
  }

  /** @param {string} name */
  #remove(name) {
    this.#saved.remove(name);
    this.#draw();
    one(this, "input[name=view]").focus();
  }

  async #copy() {
    const there = new URL(address({ filters: this.#filters }), location.href).href;
    one(this, ".menu-said").textContent = (await copyText(there)) ? "Link copied" : "Could not copy";
  }

  /** @param {Filters} changes */
  #change(changes) {
    this.#filters = { ...this.#filters, ...changes };
    emit(this, "filters-change", { changes });
    this.#draw();
  }

  #draw() {
    const { activeElement } = document;
    const held = this.contains(activeElement) ? /** @type {HTMLElement} */ (activeElement).dataset : {};
    const lanes = lanesOf(this.#filters, this.#lanes);
    render(one(this, ".menu-lanes"), html`${lanes.map((lane, index) => laneRow(lane, index, lanes))}`);
    render(one(this, ".menu-views"), views(this.#saved.all, this.#filters));
    /** @type {SegmentGroup} */ (one(this, "segment-group")).value = this.#filters.density === "compact" ? "compact" : "";
    one(this, ".menu-said").textContent = "";
    if (held.do) this.#focus(held.do, held.name ?? "");
  }

  /**
   * Give the focus back to what was drawn anew.
   * @param {string} what
   * @param {string} name
   */
  #focus(what, name) {
    const find = (/** @type {string} */ each) => /** @type {HTMLButtonElement | null} */ (this.querySelector(`[data-do="${each}"][data-name="${CSS.escape(name)}"]:not(:disabled)`));
    (find(what) ?? find(what === "up" ? "down" : "up") ?? this.querySelector(`[data-do="${what}"]`))?.focus();
  }
}

/** Make the element known. */
export function register() {
  define("view-menu", ViewMenu);
}

function frame() {
  return html`<section aria-labelledby="menu-lanes-title"><h3 id="menu-lanes-title">Lanes</h3><ul class="menu-lanes"></ul></section>
    <section aria-labelledby="menu-density-title"><h3 id="menu-density-title">Density</h3>${segments({ name: "density", label: "Density of the cards", choices: DENSITIES })}</section>
    <section aria-labelledby="menu-views-title"><h3 id="menu-views-title">Saved views</h3><div class="menu-views"></div>
      <form><input type="text" name="view" data-testid="view-name" aria-label="Name of the view" placeholder="Save this view as…" maxlength="60" autocomplete="off" required /><button type="submit" class="button" data-testid="view-save">Save</button></form></section>
    <p class="menu-foot"><button type="button" class="link" data-do="copy" data-testid="view-copy">Copy link</button><button type="button" class="link" data-do="reset" data-testid="view-reset">Reset view</button><span class="menu-said" role="status"></span></p>`;
}

/**
 * @param {LaneChoice} lane
 * @param {number} index
 * @param {LaneChoice[]} lanes
 */
function laneRow({ name, isHidden, isFolded }, index, lanes) {
  const word = sentenceCase(name);
  const isLast = !isHidden && lanes.filter((lane) => !lane.isHidden).length === 1; // one has to be there
  const button = (/** @type {string} */ what, /** @type {string} */ label, /** @type {string} */ sign, /** @type {unknown} */ more) =>
    html`<button type="button" class="button icon-button" data-do="${what}" data-name="${name}" data-testid="lane-${what}-${name}" aria-label="${label} ${word}" title="${label} ${word}" ${more}>${icon(sign)}</button>`;
  return html`<li data-lane="${name}" ${flag(isHidden, "data-hidden")}><span class="menu-lane">${word}</span>
    ${button("up", "Move to the left:", "back", flag(index === 0, "disabled"))}${button("down", "Move to the right:", "arrow", flag(index === lanes.length - 1, "disabled"))}
    ${button("fold", "Fold", "chevron", html`aria-pressed="${String(isFolded)}"`)}${button("show", "Show", "eye", html`aria-pressed="${String(!isHidden)}" ${flag(isLast, "disabled")}`)}</li>`;
}

/**
 * @param {SavedView[]} all
 * @param {Filters} filters
 */
function views(all, filters) {
  if (all.length === 0) return html`<p class="menu-none">None yet. They stay in this browser; a link holds the whole view as well.</p>`;
  return html`<ul>${all.map(
    ({ name, filters: saved }) =>
      html`<li><button type="button" class="menu-view" data-do="open" data-name="${name}" data-testid="view-open" aria-pressed="${String(isSameView(saved, filters))}" dir="auto">${name}</button><button type="button" class="button icon-button" data-do="remove" data-name="${name}" data-testid="view-remove" aria-label="Remove the view ${name}" title="Remove">${icon("trash")}</button></li>`,
  )}</ul>`;
}
