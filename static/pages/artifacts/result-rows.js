/** How what was found looks: files by their names, lines by their text, the words looked for marked in both. */
import { plural } from "../../lib/format.js";
import { html, icon, render } from "../../lib/html.js";
import { parentOf } from "../../lib/paths.js";
import { extent, fileIcon } from "./labels.js";

const BEFORE = 24;

/** The element of a row. */
export function newRow() {
  const element = document.createElement("div");
  element.className = "result-row";
  element.setAttribute("role", "option");
  return element;
}

/** Show a row; `words` are those looked for in names, `chosen(row)` says whether it is the one that is open. */
export function fillRow(element, row, { words, chosen }) {
  const isChosen = chosen(row);
  element.setAttribute("aria-selected", String(isChosen));
  const state = JSON.stringify([row, words]);
  if (element.state === state) return;
  element.state = state;
  element.dataset.kind = row.kind;
  element.dataset.testid = `result-${row.kind}`;
  element.title = row.kind === "hit" ? `${row.path}, line ${row.hit.line}` : (row.path ?? "");
  render(element, MARKUP[row.kind](row, words));
}

const MARKUP = {
  found: ({ path, file }, words) =>
    html`${fileIcon(file)}<span class="row-name" dir="auto">${marked(file.name, words)}</span><span class="row-folder" dir="auto">${marked(parentOf(path), words)}</span><span class="row-figure">${extent(file)}</span>`,
  more: () => html`<span class="row-text">More come…</span>`,
  file: ({ path, hits }) =>
    html`<span class="file-icon" data-type="other">${icon("file")}</span><span class="row-name" dir="auto">${path}</span><span class="row-figure">${plural(hits, "line")}</span>`,
  hit: ({ hit }) => html`<span class="hit-line">${hit.line}</span><code class="hit-text">${around(hit)}</code>`,
};

/** The part of a line around the match: what is before it must not push it out of view. */
function around({ text, match: [start, end] }) {
  const from = start > BEFORE ? start - BEFORE : text.length - text.trimStart().length;
  const begin = Math.min(from, start);
  return html`${begin > 0 && start > BEFORE ? "…" : ""}${text.slice(begin, start)}<mark>${text.slice(start, end)}</mark>${text.slice(end)}`;
}

/** Text with every occurrence of one of the words marked. */
function marked(text, words) {
  const small = text.toLowerCase();
  if (small.length !== text.length) return text; // letters that change their length would shift the marks
  const spans = [];
  for (const word of words) {
    for (let at = small.indexOf(word); at >= 0; at = small.indexOf(word, at + word.length)) spans.push([at, at + word.length]);
  }
  spans.sort((a, b) => a[0] - b[0]);
  let from = 0;
  const parts = [];
  for (const [start, end] of spans) {
    if (end <= from) continue;
    parts.push(text.slice(from, Math.max(from, start)), html`<mark>${text.slice(Math.max(from, start), end)}</mark>`);
    from = end;
  }
  return html`${parts}${text.slice(from)}`;
}
