/** How what was found is shown: files by their names, lines by their text, the terms searched for marked in both. */
import { plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { parentOf } from "../../lib/paths.js";
import { extent, fileIcon } from "./labels.js";

/** @import {Markup} from "../../lib/types.js" */
/** @import {Hit, ResultRow, RowElement, Span} from "./types.js" */

const BEFORE = 24;

/**
 * The element of a row.
 * @returns {RowElement}
 */
export function newRow() {
  const element = document.createElement("div");
  element.className = "result-row";
  element.setAttribute("role", "option");
  return element;
}

/**
 * Show a row; `terms` are those searched for in names, `isOpen(row)` tells whether it is the one that is open.
 * @param {RowElement} element
 * @param {ResultRow} row
 * @param {{terms: string[], isOpen: (row: ResultRow) => boolean}} shown
 */
export function fillRow(element, row, { terms, isOpen }) {
  element.setAttribute("aria-selected", String(isOpen(row)));
  const state = JSON.stringify([row, terms]);
  if (element.state === state) return;
  element.state = state;
  element.dataset.kind = row.kind;
  element.dataset.testid = `result-${row.kind}`;
  element.title = titleOf(row);
  render(element, markupOf(row, terms));
}

/** @param {ResultRow} row */
function titleOf(row) {
  if (row.kind === "more") return "";
  return row.kind === "hit" ? `${row.path}, line ${row.hit.line}` : row.path;
}

/**
 * @param {ResultRow} row
 * @param {string[]} terms
 */
function markupOf(row, terms) {
  switch (row.kind) {
    case "found":
      return html`${fileIcon(row.file)}<span class="row-name" dir="auto">${marked(row.file.name, terms)}</span><span class="row-folder" dir="auto">${marked(parentOf(row.path), terms)}</span><span class="row-figure">${extent(row.file)}</span>`;
    case "more":
      return html`<span class="row-text">More to load…</span>`;
    case "file":
      return html`<span class="file-icon" data-type="other">${icon("file")}</span><span class="row-name" dir="auto">${row.path}</span><span class="row-figure">${plural(row.hits, "line")}</span>`;
    case "hit":
      return html`<span class="hit-line">${row.hit.line}</span><code class="hit-text">${around(row.hit)}</code>`;
  }
}

/**
 * The part of a line around the match: what is before it must not push it out of view.
 * @param {Hit} hit
 */
function around({ text, match: [start, end] }) {
  const from = start > BEFORE ? start - BEFORE : text.length - text.trimStart().length;
  const begin = Math.min(from, start);
  return html`${begin > 0 && start > BEFORE ? "…" : ""}${text.slice(begin, start)}<mark>${text.slice(start, end)}</mark>${text.slice(end)}`;
}

/**
 * Text with every occurrence of one of the terms marked.
 * @param {string} text
 * @param {string[]} terms
 */
function marked(text, terms) {
  const small = text.toLowerCase();
  if (small.length !== text.length) return text; // letters that change their length would shift the marks
  /** @type {Span[]} */
  const spans = [];
  for (const term of terms) {
    for (let at = small.indexOf(term); at >= 0; at = small.indexOf(term, at + term.length)) spans.push([at, at + term.length]);
  }
  spans.sort((a, b) => a[0] - b[0]);
  let from = 0;
  /** @type {(string | Markup)[]} */
  const parts = [];
  for (const [start, end] of spans) {
    if (end <= from) continue;
    parts.push(text.slice(from, Math.max(from, start)), html`<mark>${text.slice(Math.max(from, start), end)}</mark>`);
    from = end;
  }
  return html`${parts}${text.slice(from)}`;
}
