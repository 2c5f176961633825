/** A notebook as Jupyter shows it: its texts rendered, code in colours, results as text, tables and pictures. Nothing of it runs. */
import { ansiPieces, newParser } from "../../lib/ansi.js";
import { one } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { Colours } from "../../lib/highlight.js";
import { element, html } from "../../lib/html.js";
import { showMarkdown } from "../../lib/long-markdown.js";
import { inSlices } from "../../lib/slices.js";
import { piecesOf } from "./code-lines.js";
import { contextOf } from "./markdown-view.js";
import { readNotebook } from "./notebook.js";

/** @import {FileContext} from "../../lib/types.js" */
/** @import {NotebookCell, NotebookOutput} from "./notebook.js" */
/** @typedef {FileContext & {language: string | null, signal: AbortSignal}} Context */

const MOST_CHARACTERS = 50_000;

/**
 * Show a notebook in `place`, in place of what was there; false if the text is none.
 * @param {Element} place
 * @param {string} text
 * @param {{project: string, path: string, signal: AbortSignal}} file
 */
export async function showNotebook(place, text, { project, path, signal }) {
  const notebook = readNotebook(text);
  if (!notebook) return false;
  const box = element(html`<article class="notebook" data-testid="notebook"></article>`);
  const context = { ...contextOf(project, path), language: notebook.language, signal };
  /** @type {Promise<unknown>[]} */
  const filling = [];
  const isDone = await inSlices(notebook.cells, (cell) => filling.push(addCell(box, cell, context)), signal);
  await Promise.all(filling);
  if (isDone && !signal.aborted) place.replaceChildren(box);
  return true;
}

/**
 * @param {Element} box
 * @param {NotebookCell} cell
 * @param {Context} context
 */
async function addCell(box, { kind, text, number, outputs }, context) {
  const prompt = kind === "code" ? `[${number ?? " "}]` : "";
  const cell = element(html`<section class="cell" data-kind="${kind}" data-testid="cell"><span class="cell-number">${prompt}</span><div class="cell-source"></div><div class="cell-outputs"></div></section>`);
  box.append(cell);
  const [source, results] = [one(cell, ".cell-source"), one(cell, ".cell-outputs")];
  if (kind === "markdown") await addProse(source, text, context);
  else await addCode(source, text, kind === "code" ? context.language : null);
  for (const output of outputs) await addOutput(results, output, context);
}

/**
 * @param {Element} place
 * @param {NotebookOutput} output
 * @param {Context} context
 */
async function addOutput(place, output, context) {
  switch (output.kind) {
    case "picture": {
      const image = Object.assign(document.createElement("img"), { alt: "Result", decoding: "async", src: output.address });
      return place.append(image);
    }
    case "html":
    case "markdown":
      return addProse(place, output.text, context, output.kind === "html");
    default:
      return addText(place, output.text, output.kind === "error");
  }
}

/**
 * @param {Element} place
 * @param {string} text
 * @param {Context} context
 */
async function addProse(place, text, context, isHtml = false) {
  const prose = element(html`<div class="prose"></div>`);
  place.append(prose);
  const isShown = await showMarkdown(prose, text, { ...context, isHtml });
  if (!isShown && !context.signal.aborted) addText(prose, text, false);
}

/**
 * @param {Element} place
 * @param {string} text
 * @param {string | null} language
 */
async function addCode(place, text, language) {
  const block = element(html`<pre><code>${text}</code></pre>`);
  place.append(block);
  const lines = await new Colours(text, language).lines(0, Infinity);
  if (lines) one(block, "code").replaceChildren(...lines.flatMap((pieces, index) => [index ? "\n" : "", ...piecesOf(pieces)]));
}

/**
 * @param {Element} place
 * @param {string} text
 * @param {boolean} isError
 */
function addText(place, text, isError) {
  const block = document.createElement("pre");
  block.className = isError ? "cell-error" : "cell-text";
  const rest = text.length - MOST_CHARACTERS;
  block.append(...piecesOf(ansiPieces(text.slice(0, MOST_CHARACTERS), newParser())));
  if (rest > 0) block.append(`\n… ${count(rest)} more characters`);
  place.append(block);
}
