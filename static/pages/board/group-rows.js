/** The cards of a board under the headings of their groups, and where the arrow keys lead among them: pure. */
/** @import {TaskRecord} from "../../lib/types.js" */
/** @import {Swimlane} from "../../stores/swimlanes.js" */
/** @import {GroupHead, Item} from "./types.js" */

/**
 * The cards of one lane with a head before each group's; those of a folded group are left out. No heads where none of them
 * has a value.
 * @param {Swimlane[]} swimlanes
 * @param {string} lane
 * @param {Set<string>} shut
 */
export function grouped(swimlanes, lane, shut) {
  const here = swimlanes.filter(({ lanes }) => lanes.has(lane));
  const cardsOf = (/** @type {Swimlane} */ { lanes }) => /** @type {TaskRecord[]} */ (lanes.get(lane));
  if (here.every(({ value }) => value === "")) return here.flatMap(cardsOf);
  return here.flatMap((swimlane) => {
    const cards = cardsOf(swimlane);
    const head = headOf(swimlane, lane, cards.length, shut);
    return head.isFolded ? [head] : [head, ...cards];
  });
}

/**
 * The cards of all groups, each below its head, row by row: the first of each lane, then the second of each.
 * @param {Swimlane[]} swimlanes
 * @param {string[]} lanes
 * @param {Set<string>} shut
 */
export function inRows(swimlanes, lanes, shut) {
  /** @type {Item[]} */
  const items = [];
  for (const swimlane of swimlanes) {
    const head = headOf(swimlane, "", swimlane.sums.cards, shut);
    items.push(head);
    if (head.isFolded) continue;
    const cards = lanes.map((lane) => swimlane.lanes.get(lane) ?? []);
    const rows = Math.max(...cards.map(({ length }) => length));
    for (let row = 0; row < rows; row += 1) for (const lane of cards) if (row < lane.length) items.push(lane[row]);
  }
  return items;
}

/**
 * Keys begin with a character that no task id can contain, so that they never meet a card's.
 * @param {Swimlane} swimlane
 * @param {string} lane
 * @param {number} size
 * @param {Set<string>} shut
 * @returns {GroupHead}
 */
function headOf({ value, sums }, lane, size, shut) {
  return { key: `\n${lane}\n${value}`, isGroup: true, lane, value, size, sums: lane === "" ? sums : null, isFolded: shut.has(value) };
}

/**
 * The index that a key leads to in rows of cards; -1 if there is none. `lanes` are those that are shown, from left to right.
 * @param {string} key
 * @param {Item[]} items
 * @param {number} index
 * @param {string[]} lanes
 */
export function walkRows(key, items, index, lanes) {
  if (key === "Home") return 0;
  if (key === "End") return items.length - 1;
  const here = items[index];
  const turn = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (turn !== undefined) {
    const isInWay = (/** @type {Item} */ item) => item.isGroup || here.isGroup || item.lane === here.lane;
    let at = index + turn;
    while (items[at] && !isInWay(items[at])) at += turn;
    return items[at] ? at : -1;
  }
  const side = { ArrowLeft: -1, ArrowRight: 1 }[key];
  return side === undefined || here.isGroup ? -1 : beside(items, index, side, lanes);
}

/**
 * The card of the nearest lane on that side which is in the same row, or else the last of the rows above.
 * @param {Item[]} items
 * @param {number} index
 * @param {number} side
 * @param {string[]} lanes
 */
function beside(items, index, side, lanes) {
  const from = lanes.indexOf(items[index].lane);
  const rowEnd = rowOf(items, index, lanes);
  for (let lane = from + side; lane >= 0 && lane < lanes.length; lane += side) {
    for (let at = rowEnd; at >= 0 && !items[at].isGroup; at -= 1) if (items[at].lane === lanes[lane]) return at;
  }
  return -1;
}

/**
 * The index of the last item of the row of a card.
 * @param {Item[]} items
 * @param {number} index
 * @param {string[]} lanes
 */
function rowOf(items, index, lanes) {
  let at = index;
  while (items[at + 1] && !items[at + 1].isGroup && lanes.indexOf(items[at + 1].lane) > lanes.indexOf(items[at].lane)) at += 1;
  return at;
}
