/** Where the tasks of a graph are drawn, and what belongs to one of them: pure. */
/** @import {Graph, GraphEdge, GraphNode} from "./types.js" */

export const NODE = { width: 176, height: 40 };
const GAP = { x: 56, y: 12, inside: 16, head: 34 };
const MOST_IN_COLUMN = 24;

/** @typedef {{node: GraphNode, x: number, y: number, layer: number, column: number, row: number}} Place */
/** @typedef {{name: string, x: number, width: number, size: number}} LayerPlace */
/** @typedef {{width: number, height: number, layers: LayerPlace[], places: Map<string, Place>, edges: {edge: GraphEdge, path: string, box: {left: number, top: number, right: number, bottom: number}}[]}} Drawing */

/**
 * The task with all that it waits for, and all that waits for it, near or far.
 * @param {GraphEdge[]} edges
 * @param {string} id
 * @returns {Set<string>}
 */
export function coneOf(edges, id) {
  /** @type {[Map<string, string[]>, Map<string, string[]>]} */
  const [before, after] = [new Map(), new Map()];
  for (const { from, to } of edges) {
    add(before, to, from);
    add(after, from, to);
  }
  return new Set([...reached(id, before), ...reached(id, after)]);
}

/** @param {Map<string, string[]>} lists @param {string} key @param {string} value */
function add(lists, key, value) {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** @param {string} id @param {Map<string, string[]>} next */
function reached(id, next) {
  const found = new Set([id]);
  for (const each of found) for (const further of next.get(each) ?? []) found.add(further); // a set that grows is walked to its end
  return found;
}

/**
 * The layers side by side as columns, a long one as several; `only`: those tasks alone, and layers that have any of them.
 * @param {Graph} graph
 * @param {Set<string> | null} only
 * @returns {Drawing}
 */
export function drawingOf(graph, only = null) {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  /** @type {Map<string, Place>} */
  const places = new Map();
  /** @type {LayerPlace[]} */
  const layers = [];
  let [x, height, column] = [0, 0, 0];
  for (const layer of graph.layers) {
    const shown = layer.nodes.filter((id) => nodes.has(id) && (!only || only.has(id)));
    if (shown.length === 0) continue;
    const columns = Math.ceil(shown.length / MOST_IN_COLUMN);
    const rows = Math.ceil(shown.length / columns);
    shown.forEach((id, index) => {
      const [across, row] = [Math.floor(index / rows), index % rows];
      const place = { x: x + across * (NODE.width + GAP.inside), y: GAP.head + row * (NODE.height + GAP.y), layer: layers.length, column: column + across, row };
      places.set(id, { node: /** @type {GraphNode} */ (nodes.get(id)), ...place });
    });
    const width = columns * (NODE.width + GAP.inside) - GAP.inside;
    layers.push({ name: layer.name, x, width, size: shown.length });
    height = Math.max(height, GAP.head + rows * (NODE.height + GAP.y) - GAP.y);
    x += width + GAP.x;
    column += columns;
  }
  const edges = graph.edges.flatMap((edge) => {
    const [from, to] = [places.get(edge.from), places.get(edge.to)];
    return from && to ? [{ edge, path: curve(from, to), box: boxOf(from, to) }] : [];
  });
  return { width: Math.max(0, x - GAP.x) + GAP.x, height: height + 8, layers, places, edges };
}

/** The place that an arrow key leads to; undefined if there is none. @param {Drawing} drawing @param {string} id @param {string} key */
export function neighbour({ places }, id, key) {
  const here = places.get(id);
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
  const turn = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (!here || (step === undefined && turn === undefined)) return undefined;
  const column = here.column + (step ?? 0);
  const row = here.row + (turn ?? 0);
  const beside = [...places.values()].filter((place) => place.column === column);
  if (turn !== undefined) return beside.find((place) => place.row === row);
  return beside.sort((a, b) => Math.abs(a.row - row) - Math.abs(b.row - row))[0];
}

/** What the curve lies in, roughly. @param {Place} from @param {Place} to */
function boxOf(from, to) {
  const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x) + NODE.width];
  return { left, right: right + 28, top: Math.min(from.y, to.y), bottom: Math.max(from.y, to.y) + NODE.height };
}

/** From the right edge of one to the left edge of the other; within a column, around the right. @param {Place} from @param {Place} to */
function curve(from, to) {
  const [y1, y2] = [from.y + NODE.height / 2, to.y + NODE.height / 2];
  const x1 = from.x + NODE.width;
  if (to.column === from.column) return `M${x1} ${y1}C${x1 + 28} ${y1} ${x1 + 28} ${y2} ${x1} ${y2}`;
  const x2 = to.column > from.column ? to.x : to.x + NODE.width;
  const bend = Math.max(24, Math.abs(x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
