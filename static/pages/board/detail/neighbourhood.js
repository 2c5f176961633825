/** What is near a task in the graph of dependencies, in layers: pure. */
/** @typedef {{id: string, layer: number}} Near */
/** `left` are those that were found but left out. @typedef {{nodes: Near[], edges: {from: string, to: string}[], layers: number, left: number}} Neighbourhood */
/** @typedef {{before: (id: string) => Iterable<string>, after: (id: string) => Iterable<string>}} Graph */

const REACH = 2;
const MOST = 24;

/**
 * What a task waits for and what waits for it, so many steps away. Each is in a layer below all that it waits for; where
 * tasks wait for each other in a circle, one of these edges leads up.
 * @param {string} id
 * @param {Graph} graph
 * @returns {Neighbourhood}
 */
export function neighbourhoodOf(id, graph, reach = REACH, most = MOST) {
  const before = reached(id, graph.before, reach);
  const all = [...new Set([id, ...interleaved([...before], [...reached(id, graph.after, reach)])])];
  const shown = new Set(all.slice(0, most));
  const edges = [...shown].flatMap((to) => [...new Set(graph.before(to))].filter((from) => from !== to && shown.has(from)).map((from) => ({ from, to })));
  const layers = layersOf([...shown], edges);
  const nodes = [...shown].map((each) => ({ id: each, layer: layers.get(each) ?? 0 }));
  return { nodes, edges, layers: 1 + Math.max(...layers.values()), left: all.length - shown.size };
}

/**
 * The nearest first.
 * @param {string} id
 * @param {(id: string) => Iterable<string>} next
 * @param {number} reach
 */
function reached(id, next, reach) {
  const found = new Set([id]);
  let edge = [id];
  for (let step = 0; step < reach; step += 1) {
    edge = edge.flatMap((each) => [...next(each)]).filter((each) => !found.has(each));
    for (const each of edge) found.add(each);
  }
  found.delete(id);
  return found;
}

/** @param {string[]} one @param {string[]} other */
function interleaved(one, other) {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, at) => [one[at], other[at]]).flat().filter((each) => each !== undefined);
}

/**
 * @param {string[]} ids
 * @param {{from: string, to: string}[]} edges
 */
function layersOf(ids, edges) {
  /** @type {Map<string, number>} */
  const layers = new Map();
  const open = new Set();
  /** @type {(id: string) => number} */
  const layerOf = (id) => {
    const known = layers.get(id);
    if (known !== undefined) return known;
    open.add(id);
    const above = edges.filter(({ from, to }) => to === id && !open.has(from)).map(({ from }) => layerOf(from) + 1);
    open.delete(id);
    const layer = Math.max(0, ...above);
    layers.set(id, layer);
    return layer;
  };
  for (const id of ids) layerOf(id);
  return layers;
}

export const NODE = { height: 36, gapX: 10, gapY: 26 };

/**
 * Where they are drawn: a row for each layer, or several if it is long. `width` is that of the place.
 * @param {Neighbourhood} near
 * @param {number} width
 */
export function placesOf({ nodes, edges, layers }, width) {
  const widest = Math.max(...Array.from({ length: layers }, (_, layer) => nodes.filter((node) => node.layer === layer).length));
  const perRow = Math.min(widest, Math.max(2, Math.floor((width + NODE.gapX) / (150 + NODE.gapX))));
  const nodeWidth = Math.min(260, Math.floor((width - 2 - NODE.gapX * (perRow - 1)) / perRow));
  /** @type {Map<string, {x: number, y: number}>} */
  const places = new Map();
  let y = 2;
  for (let layer = 0; layer < layers; layer += 1) {
    const here = nodes.filter((node) => node.layer === layer);
    here.forEach(({ id }, at) => places.set(id, { x: 1 + (at % perRow) * (nodeWidth + NODE.gapX), y: y + Math.floor(at / perRow) * (NODE.height + 8) }));
    if (here.length > 0) y += Math.ceil(here.length / perRow) * (NODE.height + 8) - 8 + NODE.gapY;
  }
  const paths = edges.map(({ from, to }) => curve(at(places, from), at(places, to), nodeWidth));
  return { places, nodeWidth, width, height: y - NODE.gapY + 2, paths };
}

/** @param {Map<string, {x: number, y: number}>} places @param {string} id */
function at(places, id) {
  return places.get(id) ?? { x: 0, y: 0 };
}

/** @param {{x: number, y: number}} from @param {{x: number, y: number}} to @param {number} width */
function curve(from, to, width) {
  const [x1, x2] = [from.x + width / 2, to.x + width / 2];
  const isDown = to.y > from.y;
  const [y1, y2] = isDown ? [from.y + NODE.height, to.y] : [from.y, to.y + NODE.height];
  const bend = (isDown ? 1 : -1) * Math.max(10, Math.abs(y2 - y1) / 2);
  return `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
}
