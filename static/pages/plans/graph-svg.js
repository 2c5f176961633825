/** A drawing of a graph as SVG: its tasks are links, of which the arrow keys lead from one to the other. */
import { count } from "../../lib/format.js";
import { visible } from "../../lib/hidden.js";
import { html } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { NODE } from "./graph-layout.js";
import { withoutId } from "./plan-model.js";
import { labelOf } from "./statuses.js";
/** @import {Markup, PlanTaskStatus} from "../../lib/types.js" */
/** @import {Drawing, LayerPlace, Place} from "./graph-layout.js" */

const LONGEST = 24; // characters that fit below the id

/** What of a drawing is drawn, in its own units. @typedef {{left: number, top: number, right: number, bottom: number}} Part */

/**
 * What is in `part` of a drawing. `statuses` are the newest that are known; `focus` is the task whose surroundings are
 * shown, `stop` the one that the Tab key leads to. Without `isClose` tasks are squares without text. `made` holds the tasks
 * that were made before, as scrolling makes most of them again.
 * @param {string} plan
 * @param {Drawing} drawing
 * @param {Map<string, PlanTaskStatus>} statuses
 * @param {{part: Part, isClose: boolean, focus: string | null, stop: string | null, made?: Map<string, Markup>}} options
 */
export function graphSvg(plan, drawing, statuses, { part, isClose, focus, stop, made = new Map() }) {
  const { width, height, layers, places } = drawing;
  const shown = placesIn(drawing, part);
  const stopAt = shown.some(({ node }) => node.id === stop) ? stop : (shown[0]?.node.id ?? null);
  const statusOf = (/** @type {Place} */ { node: { id, status } }) => statuses.get(id) ?? status;
  /** @param {Place} place */
  function node(place) {
    const [status, isStop] = [statusOf(place), place.node.id === stopAt];
    const key = JSON.stringify([place.node.id, place.x, place.y, status, isStop]);
    const known = made.get(key) ?? nodeOf(plan, place, status, focus, isStop);
    made.set(key, known);
    return known;
  }
  return html`<svg viewBox="-4 0 ${width + 8} ${height}" width="${width}" height="${height}" role="group" aria-label="Tasks in their phases" data-testid="graph" data-tasks="${places.size}" data-close="${String(isClose)}">
    ${layers.filter(({ x, width: size }) => x + size >= part.left && x <= part.right).map(layerOf)}
    <g class="edges" aria-hidden="true">${edgePaths(drawing, part)}</g>
    ${isClose ? shown.map(node) : squares(shown, statusOf)}</svg>`;
}

/** @param {Drawing} drawing @param {Part} part */
export function placesIn({ places }, { left, top, right, bottom }) {
  return [...places.values()].filter(({ x, y }) => x + NODE.width >= left && x <= right && y + NODE.height >= top && y <= bottom);
}

/** All edges of a kind as one path: quicker to draw than one for each. @param {Drawing} drawing @param {Part} part */
function edgePaths({ places, edges }, { left, top, right, bottom }) {
  const critical = (/** @type {string} */ id) => places.get(id)?.node.onCriticalPath;
  /** @type {Map<string, string[]>} */
  const paths = new Map();
  for (const { edge, path, box } of edges) {
    if (box.right < left || box.left > right || box.bottom < top || box.top > bottom) continue;
    const key = `${edge.kind} ${critical(edge.from) && critical(edge.to) ? "true" : "false"}`;
    const list = paths.get(key);
    if (list) list.push(path);
    else paths.set(key, [path]);
  }
  const byKind = [...paths].map(([key, list]) => ({ kind: key.split(" ")[0], isCritical: key.split(" ")[1], path: list.join("") }));
  byKind.sort((a, b) => (a.isCritical < b.isCritical ? -1 : 1)); // the critical path is above the others
  return byKind.map(({ kind, isCritical, path }) => html`<path d="${path}" data-kind="${kind}" data-critical="${isCritical}"></path>`);
}

/** Tasks from afar, one path for each status. @param {Place[]} places @param {(place: Place) => PlanTaskStatus} statusOf */
function squares(places, statusOf) {
  /** @type {Map<string, string[]>} */
  const paths = new Map();
  for (const place of places) {
    const key = `${statusOf(place)} ${place.node.onCriticalPath}`;
    const list = paths.get(key) ?? [];
    paths.set(key, list);
    list.push(`M${place.x} ${place.y}h${NODE.width}v${NODE.height}h-${NODE.width}z`);
  }
  return [...paths].map(([key, list]) => html`<path class="squares" data-status="${key.split(" ")[0]}" data-critical="${key.split(" ")[1]}" d="${list.join("")}"></path>`);
}

/** @param {LayerPlace} layer */
function layerOf({ name, x, width, size }) {
  const longest = Math.floor(width / 7) - 4;
  return html`<text class="layer-name" x="${x}" y="16" data-testid="graph-layer">${cut(name, longest)} <tspan class="layer-size">${count(size)}</tspan></text>`;
}

/** @param {string} plan @param {Place} place @param {PlanTaskStatus} status @param {string | null} focus @param {boolean} isStop */
function nodeOf(plan, { node, x, y }, status, focus, isStop) {
  const { id, description, onCriticalPath } = node;
  const label = visible(`${id}: ${withoutId(id, description)}, ${labelOf(status).toLowerCase()}${onCriticalPath ? ", on the critical path" : ""}`);
  return html`<a class="node" href="${address({ page: "plans", item: plan, query: { tab: "graph", task: id } })}" transform="translate(${x} ${y})" tabindex="${isStop ? 0 : -1}" data-testid="graph-node" data-task="${id}" data-status="${status}" data-critical="${onCriticalPath}" data-focus="${id === focus}">
    <title>${label}</title><rect width="${NODE.width}" height="${NODE.height}" rx="6"></rect><rect class="node-edge" width="4" height="${NODE.height}" rx="2"></rect>
    <text class="node-id" x="12" y="16">${cut(id, 14)}</text><text class="node-status" x="${NODE.width - 8}" y="16" text-anchor="end">${labelOf(status)}</text><text x="12" y="32">${cut(withoutId(id, description), LONGEST)}</text></a>`;
}

/** Marks of hidden characters are no elements here: those would end the drawing. @param {string} text @param {number} longest */
function cut(text, longest) {
  const characters = Array.from(visible(text));
  return characters.length > longest ? `${characters.slice(0, Math.max(1, longest - 1)).join("")}…` : text;
}
