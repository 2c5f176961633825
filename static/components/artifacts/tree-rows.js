/** The rows of a tree, in order, and how each of them looks. */
import { html, render } from "../../lib/html.js";
import { icon } from "../../lib/icons.js";
import { count } from "../../lib/format.js";
import { SHOWN_FRESH_MS, parentOf } from "../../live/levels.js";
import { extent, fileIcon, short } from "./words.js";

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
  for (const file of level.files) {
    rows.push({ ...inside, key: `file ${file.path}`, kind: "file", path: file.path, name: file.name, file, size, place: next() });
  }
  if (level.error) rows.push({ ...inside, key: `problem ${path}`, kind: "problem", path, words: level.error.message });
  else if (level.cursor) {
    rows.push({ ...inside, key: `more ${path}`, kind: "more", path, shown: level.files.length, of: inFiles });
  } else if (place === 0) rows.push({ ...inside, key: `empty ${path}`, kind: "empty", path });
}

/** Show a row in an element; `selected` is the path of the file that is open. */
export function fillRow(element, row, { levels, selected }) {
  const { kind, path, depth } = row;
  const isSelected = kind === "file" && path === selected;
  const fresh = freshness(levels.fresh.get(path));
  const state = [row.key, row.isOpen, row.files, row.shown, row.words, depth, isSelected, fresh].join("\n");
  const figures = row.file ? extent(row.file) : "";
  setAria(element, row, isSelected);
  if (element.state === `${state}\n${figures}`) return;
  element.state = `${state}\n${figures}`;
  element.dataset.kind = kind;
  element.dataset.path = path;
  element.style.setProperty("--depth", Math.min(depth, DEEPEST));
  render(element, MARKUP[kind](row, mark(fresh)));
  const flash = element.querySelector(".flash");
  // Made anew by scrolling, it goes on where it was.
  if (flash) flash.style.animationDelay = `${levels.fresh.get(path) - performance.now()}ms`;
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
  const told = {
    "aria-level": depth + 1,
    "aria-setsize": size,
    "aria-posinset": place,
    "aria-expanded": kind === "folder" ? isOpen : null,
    "aria-selected": kind === "file" ? isSelected : null,
    "aria-disabled": kind === "folder" || kind === "file" || kind === "problem" ? null : true,
  };
  for (const [name, value] of Object.entries(told)) {
    if (value === null || value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

function freshness(at) {
  return at !== undefined && performance.now() - at < SHOWN_FRESH_MS ? at : 0;
}

function mark(fresh) {
  if (!fresh) return null;
  return html`<i class="flash" aria-hidden="true"></i><i class="fresh" title="Changed a moment ago" data-testid="fresh"><span class="off-screen">, changed a moment ago</span></i>`;
}

const chevron = () => html`<span class="twist">${icon("chevron")}</span>`;
const noChevron = () => html`<span class="twist"></span>`;

const MARKUP = {
  folder: ({ name, files }, fresh) =>
    html`${chevron()}<span class="file-icon" data-type="folder">${icon("folder")}</span><span class="row-name" dir="auto">${name}</span>${fresh}<span class="row-figure" title="${count(files)} files in it">${short(files)}</span>`,
  file: ({ name, file }, fresh) =>
    html`${noChevron()}${fileIcon(file)}<span class="row-name" dir="auto">${name}</span>${fresh}<span class="row-figure">${extent(file)}</span>`,
  ignored: ({ name }) =>
    html`${noChevron()}<span class="file-icon" data-type="ignored">${icon("folder")}</span><span class="row-name" dir="auto">${name}</span><span class="row-figure" title="Ignored folders are neither read nor counted">ignored</span>`,
  more: ({ shown, of }) => html`${noChevron()}<span class="row-words">${count(shown)} of ${count(of)} files, more come…</span>`,
  wait: () => html`${noChevron()}<span class="row-words">Loading…</span>`,
  empty: () => html`${noChevron()}<span class="row-words">Nothing in it</span>`,
  problem: ({ words }) =>
    html`${noChevron()}<span class="row-words">${words}</span><button type="button" class="link again" tabindex="-1">Try again</button>`,
};
