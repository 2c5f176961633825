/** The rows of a tree, in order, and how each of them looks. */
import { fragment, html, icon } from "../../lib/html.js";
import { count } from "../../lib/format.js";
import { FRESH_MS } from "../../stores/levels.js";
import { parentOf } from "../../lib/paths.js";
import { extent, fileIcon, short } from "./labels.js";

const DEEPEST = 12; // further levels are not indented further

/**
 * `[{key, kind, depth, path, name, ...}]` of what is open. `kind` is "folder", "file", "ignored", "more" (its page comes
 * when it is seen), "wait", "empty" or "problem". `ignored` are paths of folders that are left out.
 */
export function rowsOf(levels, ignored) {
  const rows = [];
  const left = new Map();
  for (const path of ignored) left.set(parentOf(path), [...(left.get(parentOf(path)) ?? []), path]);
  addLevel(rows, levels, left, "", 0);
  return rows;
}

function addLevel(rows, levels, left, path, depth) {
  const level = levels.level(path);
  const inside = { depth, parent: path };
  if (!level || (level.pending && !level.isKnown)) {
    rows.push({ ...inside, key: `wait ${path}`, kind: "wait", path });
    return;
  }
  const passed = level.cursor ? [] : (left.get(path) ?? []);
  const inFiles = Object.values(level.counts).reduce((sum, number) => sum + number, 0);
  const size = level.cursor ? -1 : level.folders.length + passed.length + level.files.length;
  let place = 0;
  const next = () => (place += 1);
  for (const folder of level.folders) {
    const isOpen = levels.open.has(folder.path);
    rows.push({ ...inside, ...folder, key: `folder ${folder.path}`, kind: "folder", isOpen, size, place: next() });
    if (isOpen) addLevel(rows, levels, left, folder.path, depth + 1);
  }
  for (const one of passed) {
    const name = one.slice(one.lastIndexOf("/") + 1);
    rows.push({ ...inside, key: `ignored ${one}`, kind: "ignored", path: one, name, size, place: next() });
  }
  for (const row of fileRows(level.files, { ...inside, size, first: place + 1 })) rows.push(row);
  if (level.error) rows.push({ ...inside, key: `problem ${path}`, kind: "problem", path, words: level.error.message });
  else if (level.cursor) {
    rows.push({ ...inside, key: `more ${path}`, kind: "more", path, shown: level.files.length, of: inFiles });
  } else if (place + level.files.length === 0) rows.push({ ...inside, key: `empty ${path}`, kind: "empty", path });
}

const made = new WeakMap(); // files of a level → {placeKey, rows}

/** The rows of files. They are many and seldom others, so that those made before are taken again. */
function fileRows(files, { depth, parent, size, first }) {
  const placeKey = `${depth} ${size} ${first}`;
  if (made.get(files)?.placeKey === placeKey) return made.get(files).rows;
  const rows = files.map((file, index) => {
    const { path, name } = file;
    return { key: `file ${path}`, kind: "file", depth, parent, path, name, file, size, place: first + index };
  });
  made.set(files, { placeKey, rows });
  return rows;
}

/** Show a row in an element; `selected` is the path of the file that is open. */
export function fillRow(element, row, { levels, selected }) {
  const { kind, path, depth } = row;
  const fresh = freshness(levels.fresh.get(path));
  const figure = FIGURES[kind]?.(row) ?? WORDS[kind](row);
  setAria(element, row, kind === "file" && path === selected);
  const state = [kind, path, row.file?.type, row.file?.kind, row.name, figure, depth, fresh].join("\n");
  if (element.state === state) return;
  element.state = state;
  Object.assign(element.dataset, { kind, path });
  element.style.setProperty("--depth", Math.min(depth, DEEPEST));
  element.replaceChildren(stamped(row, fresh !== 0));
  const [name, place, flash] = [".row-name, .row-text", ".row-figure", ".flash"].map((part) => element.querySelector(part));
  name.textContent = row.name ?? figure;
  if (place) place.textContent = figure;
  if (place && kind === "folder") place.title = `${count(row.files)} files in it`;
  // Made anew by scrolling, it goes on where it was.
  if (flash) flash.style.animationDelay = `${fresh - performance.now()}ms`;
}

/** The element of a row. */
export function newRow() {
  const element = document.createElement("div");
  element.className = "tree-row";
  element.setAttribute("role", "treeitem");
  element.dataset.testid = "tree-row";
  return element;
}

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
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

function freshness(at) {
  return at !== undefined && performance.now() - at < FRESH_MS ? at : 0;
}

const stamps = new Map(); // what rows of one kind have in common → its nodes

/** The nodes of a row without its texts. Copying them is several times faster than reading markup for each row. */
function stamped({ kind, file }, isFresh) {
  const key = [kind, file?.type, file?.kind, isFresh].join(" ");
  if (!stamps.has(key)) stamps.set(key, fragment(MARKUP[kind]({ file }, isFresh ? mark() : null)));
  return stamps.get(key).cloneNode(true);
}

function mark() {
  return html`<i class="flash" aria-hidden="true"></i><i class="fresh" title="Changed a moment ago" data-testid="fresh"><span class="off-screen">, changed a moment ago</span></i>`;
}

const NAME = html`<span class="row-name" dir="auto"></span>`;
const FIGURE = html`<span class="row-figure"></span>`;
const TWIST = html`<span class="twist"></span>`;
const plainText = () => html`${TWIST}<span class="row-text"></span>`;
const folderIcon = (type) => html`<span class="file-icon" data-type="${type}">${icon("folder")}</span>`;

const MARKUP = {
  folder: (_, fresh) => html`<span class="twist">${icon("chevron")}</span>${folderIcon("folder")}${NAME}${fresh}${FIGURE}`,
  file: ({ file }, fresh) => html`${TWIST}${fileIcon(file)}${NAME}${fresh}${FIGURE}`,
  ignored: () =>
    html`${TWIST}${folderIcon("ignored")}${NAME}<span class="row-figure" title="Ignored folders are neither read nor counted"></span>`,
  more: plainText,
  wait: plainText,
  empty: plainText,
  problem: () => html`${plainText()}<button type="button" class="link again" tabindex="-1">Try again</button>`,
};

const FIGURES = { folder: ({ files }) => short(files), file: ({ file }) => extent(file), ignored: () => "ignored" };

const WORDS = {
  more: ({ shown, of }) => `${count(shown)} of ${count(of)} files, more come…`,
  wait: () => "Loading…",
  empty: () => "Nothing in it",
  problem: ({ words }) => words,
};
