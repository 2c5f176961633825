/**
 * The files of a project as a tree of which only what is open is asked for, and only what is in view exists. Works by
 * keys as the tree pattern of ARIA says. Emits `file-open {path}`.
 */
import { define, delegate, emit, one } from "../../lib/dom.js";
import { atMostEvery } from "../../lib/signals.js";
import { html, render } from "../../lib/html.js";
import { indexFor } from "../../lib/layout.js";
import { rowList } from "../../ui/row-list.js";
import { FRESH_MS } from "../../stores/levels.js";
import { parentOf } from "../../lib/paths.js";
import { rowsOf } from "./tree-model.js";
import { fillRow, newRow } from "./tree-rows.js";

/** @import {Levels} from "../../stores/levels.js" */
/** @import {VirtualList} from "../../ui/virtual-list.js" */
/** @import {FolderRow, RowElement, TreeRow} from "./types.js" */

const TYPED_MS = 700;
const DRAW_MS = 100;

export class ArtifactTree extends HTMLElement {
  /** @type {Levels | null} */
  #levels = null;
  /** @type {string[]} */
  #ignored = [];
  /** @type {string | null} */
  #selected = null;
  /** @type {VirtualList<TreeRow, RowElement>} */
  #list = /** @type {any} */ (null); // from when it is connected
  #typed = { text: "", at: 0 };
  #draw = atMostEvery(DRAW_MS, () => this.#drawNow());
  /** @type {ReturnType<typeof setTimeout> | null} */
  #fade = null;

  connectedCallback() {
    render(this, html`<div class="tree-view"><div class="tree" role="tree" data-testid="tree"></div></div>`);
    const [view, tree] = [one(this, ".tree-view"), one(this, ".tree")];
    this.#list = rowList(view, tree, {
      make: newRow,
      fill: (element, row) => this.#levels && fillRow(element, row, { levels: this.#levels, selected: this.#selected }),
      onEnd: () => this.#more(),
    });
    view.addEventListener("scroll", () => this.#more(), { passive: true });
    delegate(tree, "click", ".tree-row", (_, element) => this.#activate(this.#list.itemOf(element)));
    tree.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /**
   * Show a project's levels from now on; `label` names the tree.
   * @param {Levels} levels
   * @param {string} label
   */
  follow(levels, label) {
    this.#levels = levels;
    this.#selected = null;
    one(this, ".tree").setAttribute("aria-label", label);
    levels.addEventListener("change", () => this.#levels === levels && this.#draw());
    this.#drawNow(true);
  }

  /**
   * Paths of folders that are left out.
   * @param {string[]} paths
   */
  set ignored(paths) {
    if (paths.join("\n") === this.#ignored.join("\n")) return;
    this.#ignored = paths;
    this.#draw();
  }

  /**
   * Path of the file that is open; null for none.
   * @param {string | null} path
   */
  set selected(path) {
    this.#selected = path;
    if (path !== null) this.#list.activeKey = `file ${path}`;
    else this.#list.refresh();
  }

  /** Bring the file that is open into view. */
  reveal() {
    this.#drawNow();
    const index = this.#list.indexOf(`file ${this.#selected}`);
    if (index >= 0) this.#list.reveal(index, true);
  }

  /** Give the focus to the row last used. */
  focusRow() {
    this.#list.focus(Math.max(0, this.#list.activeIndex));
  }

  #drawNow(toTop = false) {
    if (!this.#levels) return;
    this.#list.show(rowsOf(this.#levels, this.#ignored), toTop);
    if (this.#levels.fresh.size > 0) this.#fade ??= setTimeout(() => this.#faded(), FRESH_MS / 6);
  }

  #faded() {
    this.#fade = null;
    if (!this.#levels) return;
    const now = performance.now();
    const fresh = this.#levels.fresh;
    for (const [path, at] of fresh) if (now - at > FRESH_MS) fresh.delete(path);
    this.#list.refresh();
    if (fresh.size > 0) this.#fade = setTimeout(() => this.#faded(), FRESH_MS / 6);
  }

  /** Ask for what is wanted at the places in view that are not loaded yet. */
  #more() {
    /** @type {NodeListOf<HTMLElement>} */
    const places = this.querySelectorAll('.tree-row[data-kind="more"]');
    for (const { dataset } of places) this.#levels?.more(dataset.path ?? "");
  }

  /** @param {TreeRow | undefined} row */
  #activate(row) {
    if (!row) return;
    if (row.kind === "folder") this.#toggle(row);
    else if (row.kind === "file") emit(this, "file-open", { path: row.path });
    else if (row.kind === "problem") this.#levels?.unfold(row.path);
  }

  /** @param {FolderRow} row */
  #toggle({ path, isOpen }) {
    if (isOpen) this.#levels?.fold(path);
    else this.#levels?.unfold(path);
    this.#drawNow();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = this.#list.itemOf(/** @type {Element} */ (event.target));
    if (!row) return;
    const index = this.#list.indexOf(row.key);
    const target = indexFor(event.key, index, { length: this.#list.items.length, page: this.#list.page });
    if (target !== undefined) this.#list.focus(target);
    else if (event.key === "Enter" || event.key === " ") this.#activate(row);
    else if (event.key === "ArrowRight") this.#inwards(row, index);
    else if (event.key === "ArrowLeft") this.#outwards(row);
    else if (event.key === "*") this.#unfoldAll(row);
    else if (!this.#type(event.key, index)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * @param {TreeRow} row
   * @param {number} index
   */
  #inwards(row, index) {
    if (row.kind !== "folder") return;
    if (row.isOpen) this.#list.focus(index + 1);
    else this.#toggle(row);
  }

  /** @param {TreeRow} row */
  #outwards(row) {
    if (row.kind === "folder" && row.isOpen) return this.#toggle(row);
    const parent = this.#list.indexOf(`folder ${row.kind === "folder" ? parentOf(row.path) : row.parent}`);
    if (parent >= 0) this.#list.focus(parent);
  }

  /** @param {TreeRow} row */
  #unfoldAll({ parent }) {
    for (const row of this.#list.items) if (row.kind === "folder" && row.parent === parent) this.#levels?.unfold(row.path);
  }

  /**
   * Go to the next row whose name begins with what is typed. Single letters of the page's own keys are left to it.
   * @param {string} key
   * @param {number} index
   */
  #type(key, index) {
    if (key.length !== 1 || "/?,".includes(key)) return false; // they are keys of the window
    const now = performance.now();
    const text = (now - this.#typed.at < TYPED_MS ? this.#typed.text : "") + key.toLowerCase();
    this.#typed = { text, at: now };
    const rows = this.#list.items;
    const from = text.length === 1 ? index + 1 : index;
    for (let step = 0; step < rows.length; step += 1) {
      const at = (from + step) % rows.length;
      if (rows[at].name?.toLowerCase().startsWith(text)) {
        this.#list.focus(at);
        break;
      }
    }
    return true;
  }
}

/** Make the element known. */
export function register() {
  define("artifact-tree", ArtifactTree);
}
