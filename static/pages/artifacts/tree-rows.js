/** How the rows of a tree look. */
import { fragment, html, icon } from "../../lib/html.js";
import { setText } from "../../lib/hidden.js";
import { count } from "../../lib/format.js";
import { FRESH_MS } from "../../stores/levels.js";
import { extent, fileIcon, short } from "./labels.js";

/** @import {Markup} from "../../lib/types.js" */
/** @import {Levels} from "../../stores/levels.js" */
/** @import {RowElement, TreeRow} from "./types.js" */

const DEEPEST = 12; // further levels are not indented further

/**
 * Show a row in an element; `selected` is the path of the file that is open.
 * @param {RowElement} element
 * @param {TreeRow} row
 * @param {{levels: Levels, selected: string | null}} shown
 */
export function fillRow(element, row, { levels, selected }) {
  const { kind, path, depth, name, file } = row;
  const fresh = freshness(levels.fresh.get(path));
  const text = textOf(row);
  setAria(element, row, kind === "file" && path === selected);
  const state = [kind, path, file?.type, file?.kind, name, text, depth, fresh].join("\n");
  if (element.state === state) return;
  element.state = state;
  Object.assign(element.dataset, { kind, path });
  element.style.setProperty("--depth", String(Math.min(depth, DEEPEST)));
  element.replaceChildren(stamped(row, fresh !== 0));
  /** @type {(HTMLElement | null)[]} */
  const [title, figure, flash] = [".row-name, .row-text", ".row-figure", ".flash"].map((part) => element.querySelector(part));
  if (title) setText(title, name ?? text);
  if (figure) figure.textContent = text;
  if (figure && row.kind === "folder") figure.title = `${count(row.files)} files in it`;
  // Made anew by scrolling, it goes on where it was.
  if (flash) flash.style.animationDelay = `${fresh - performance.now()}ms`;
}

/**
 * The element of a row.
 * @returns {RowElement}
 */
export function newRow() {
  const element = document.createElement("div");
  element.className = "tree-row";
  element.setAttribute("role", "treeitem");
  element.dataset.testid = "tree-row";
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {TreeRow} row
 * @param {boolean} isSelected
 */
function setAria(element, { kind, depth, size, place, isOpen }, isSelected) {
  const attributes = {
    "aria-level": depth + 1,
    "aria-setsize": size,
    "aria-posinset": place,
    "aria-expanded": kind === "folder" ? isOpen : null,
    "aria-selected": kind === "file" ? isSelected : null,
    "aria-disabled": kind === "folder" || kind === "file" || kind === "problem" ? null : true,
  };
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
  }
}

/** @param {number | undefined} at */
function freshness(at) {
  return at !== undefined && performance.now() - at < FRESH_MS ? at : 0;
}

/** @type {Map<string, DocumentFragment>} */
const stamps = new Map(); // what rows of one kind have in common → its nodes

/**
 * The nodes of a row without its texts. Copying them is several times faster than reading markup for each row.
 * @param {TreeRow} row
 * @param {boolean} isFresh
 */
function stamped(row, isFresh) {
  const key = [row.kind, row.file?.type, row.file?.kind, isFresh].join(" ");
  let nodes = stamps.get(key);
  if (!nodes) stamps.set(key, (nodes = fragment(markupOf(row, isFresh ? mark() : null))));
  return nodes.cloneNode(true);
}

function mark() {
  return html`<i class="flash" aria-hidden="true"></i><i class="fresh" title="Changed a moment ago" data-testid="fresh"><span class="off-screen">, changed a moment ago</span></i>`;
}

const NAME = html`<span class="row-name" dir="auto"></span>`;
const FIGURE = html`<span class="row-figure"></span>`;
const TWIST = html`<span class="twist"></span>`;
const plainText = () => html`${TWIST}<span class="row-text"></span>`;
const folderIcon = (/** @type {string} */ type) => html`<span class="file-icon" data-type="${type}">${icon("folder")}</span>`;

/**
 * @param {TreeRow} row
 * @param {Markup | null} fresh
 */
function markupOf(row, fresh) {
  switch (row.kind) {
    case "folder":
      return html`<span class="twist">${icon("chevron")}</span>${folderIcon("folder")}${NAME}${fresh}${FIGURE}`;
    case "file":
      return html`${TWIST}${fileIcon(row.file)}${NAME}${fresh}${FIGURE}`;
    case "ignored":
      return html`${TWIST}${folderIcon("ignored")}${NAME}<span class="row-figure" title="Ignored folders are neither read nor counted"></span>`;
    case "problem":
      return html`${plainText()}<button type="button" class="link again" tabindex="-1">Try again</button>`;
    default:
      return plainText();
  }
}

/**
 * The figure of a row, or its text if it has no name.
 * @param {TreeRow} row
 */
function textOf(row) {
  switch (row.kind) {
    case "folder":
      return short(row.files);
    case "file":
      return extent(row.file);
    case "ignored":
      return "ignored";
    case "more":
      return `${count(row.shown)} of ${count(row.of)} files, more to load…`;
    case "wait":
      return "Loading…";
    case "empty":
      return "Nothing in it";
    case "problem":
      return row.message;
  }
}
