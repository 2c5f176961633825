/** The tasks around one, as a small drawing: what it waits for above it, what waits for it below. Its nodes are links. */
import { define } from "../../../lib/dom.js";
import { plural, sentenceCase } from "../../../lib/format.js";
import { visible } from "../../../lib/hidden.js";
import { html, render } from "../../../lib/html.js";
import { address } from "../../../lib/router.js";
import { ems } from "../../../stores/records.js";
import { pixelsPerEm } from "../card-facts.js";
import { NODE, neighbourhoodOf, placesOf } from "./neighbourhood.js";
/** @import {Board} from "../../../stores/board.js" */
/** @import {Near, Neighbourhood} from "./neighbourhood.js" */

const SHARE = 12.2 / 14; // of the text in a node to that of a card's title, and a little room

export class TaskGraph extends HTMLElement {
  /** @type {Board | null} */
  #board = null;
  #width = 0;
  #watcher = new ResizeObserver(([{ contentRect }]) => this.#resized(contentRect.width));

  /** @param {Board} board */
  set board(board) {
    this.#board = board;
    this.#width = this.clientWidth; // at once: what is below it has its place from the beginning
    this.#watcher.observe(this);
    this.#draw();
  }

  disconnectedCallback() {
    this.#watcher.disconnect();
  }

  /** @param {number} width */
  #resized(width) {
    if (Math.abs(width - this.#width) < 1) return;
    this.#width = width;
    this.#draw();
  }

  #draw() {
    const [board, id] = [this.#board, this.dataset.task ?? ""];
    if (!board || this.#width === 0) return;
    const near = neighbourhoodOf(id, {
      before: (each) => board.tasks.get(each)?.dependencies ?? [],
      after: (each) => [...board.dependentsOf(each)].map((key) => board.records.get(key)?.id ?? key),
    });
    const held = this.contains(document.activeElement) ? document.activeElement?.getAttribute("data-opens") : null;
    render(this, drawing(near, this.#width, id, board));
    if (held) /** @type {HTMLElement | null} */ (this.querySelector(`[data-opens="${CSS.escape(held)}"]`))?.focus();
  }
}

/** Make the element known. */
export function register() {
  define("task-graph", TaskGraph);
}

/**
 * @param {Neighbourhood} near
 * @param {number} width
 * @param {string} id
 * @param {Board} board
 */
function drawing(near, width, id, board) {
  const { places, nodeWidth, height, paths } = placesOf(near, width);
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="What it waits for, and what waits for it" data-testid="task-graph">
      <g class="edges" aria-hidden="true">${paths.map((path) => html`<path d="${path}"></path>`)}</g>
      ${near.nodes.map((node) => nodeMarkup(node, /** @type {{x: number, y: number}} */ (places.get(node.id)), nodeWidth, id, board))}
    </svg>${near.left > 0 ? html`<p class="hint">and ${plural(near.left, "further task")}</p>` : null}`;
}

/**
 * @param {Near} node
 * @param {{x: number, y: number}} place
 * @param {number} width
 * @param {string} current
 * @param {Board} board
 */
function nodeMarkup({ id }, { x, y }, width, current, board) {
  const task = board.tasks.get(id);
  const title = visible(task?.title ?? id);
  const state = task ? sentenceCase(task.lane) : "not on the board";
  const inner = html`<title>${title}, ${state}</title><rect width="${width}" height="${NODE.height}" rx="6"></rect><rect class="node-edge" width="4" height="${NODE.height}" rx="2"></rect><text x="12" y="15">${cut(title, width - 22)}</text><text class="node-lane" x="12" y="29">${state}</text>`;
  if (!task || id === current) return html`<g class="node" transform="translate(${x} ${y})" data-lane="${task?.lane ?? ""}" data-testid="graph-node" data-task="${id}" data-known="${String(Boolean(task))}" data-focus="${String(id === current)}">${inner}</g>`;
  return html`<a class="node task-link" href="${address({ task: id })}" data-opens="${id}" transform="translate(${x} ${y})" data-lane="${task.lane}" data-testid="graph-node" data-task="${id}" data-known="true" data-focus="false">${inner}</a>`;
}

/**
 * @param {string} text
 * @param {number} room
 */
function cut(text, room) {
  let [shown, width] = ["", 0];
  for (const character of text) {
    width += ems(character) * pixelsPerEm() * SHARE;
    if (width > room) return `${shown.trimEnd()}…`;
    shown += character;
  }
  return text;
}
