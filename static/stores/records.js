/**
 * A record is one card: a task, or another file with the same id. It carries what sorting, filtering and laying out
 * need, worked out once, so that none of it is done again for 10,000 cards at every keystroke.
 */
import { natural } from "./natural.js";
import { moment } from "../lib/format.js";
/** @import {Facet, Facets, Location, Task, TaskRecord} from "../lib/types.js" */

const PRIORITIES = ["critical", "high", "medium", "normal", "low"];

/**
 * The records of one task: its own first, then one per duplicate.
 * @param {Task} task
 */
export function recordsOf(task) {
  const own = record(task, task.id, task, false);
  return [own, ...task.duplicates.map((place) => record(task, `${task.id}\n${place.path}`, place, true))];
}

/**
 * Position of a priority; unknown ones come last.
 * @param {string} priority
 */
export function priorityRank(priority) {
  const rank = PRIORITIES.indexOf(priority);
  return rank < 0 ? PRIORITIES.length : rank;
}

/**
 * @param {Task} task
 * @param {string} key
 * @param {Location} place
 * @param {boolean} isDuplicate
 * @returns {TaskRecord}
 */
function record(task, key, { lane, agent, path }, isDuplicate) {
  const changed_at = moment(task.modified_at);
  const created_at = moment(task.created_at);
  return {
    key,
    id: task.id,
    task,
    lane,
    agent: agent ?? null,
    path,
    isDuplicate,
    changed_at,
    created_at: Number.isNaN(created_at) ? changed_at : created_at,
    priorityRank: priorityRank(task.priority),
    sortTitle: task.title.toLowerCase(),
    haystack: haystack(task, path, agent),
    titleEms: ems(task.title),
  };
}

/**
 * @param {Task} task
 * @param {string} path
 * @param {string | null} agent
 */
function haystack(task, path, agent) {
  const { id, title, status, priority, batch, milestone, initiative, specification, tags, error } = task;
  const parts = [id, title, agent, status, priority, path, batch, milestone, initiative, specification, ...tags];
  if (error) parts.push(error.message);
  return parts.filter(Boolean).join("\n").toLowerCase();
}

/**
 * About how wide a text is, in units of the font size: a card's height has to be known before it exists.
 * @param {string} text
 */
export function ems(text) {
  let width = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x2e80) width += 1;
    else if (code >= 65 && code <= 90) width += 0.68;
    else if (" .,:;|!'`ijlIftr()[]/-".includes(text[index])) width += 0.33;
    else width += text[index] === "m" || text[index] === "w" ? 0.82 : 0.56;
  }
  return width;
}

/**
 * What can be filtered by, each a list of `[value, count]` in reading order.
 * @param {import("./board.js").Board} board
 * @returns {Facets}
 */
export function facetsOf(board) {
  /** @type {Record<keyof Facets, Map<string, number>>} */
  const found = { agent: new Map(), priority: new Map(), status: new Map(), tag: new Map(), flag: new Map() };
  for (const record of board.records.values()) {
    const { task } = record;
    add(found.agent, record.agent);
    add(found.priority, task.priority);
    add(found.status, task.status);
    for (const tag of task.tags) add(found.tag, tag);
    for (const flag of task.flags) add(found.flag, flag);
    if (record.isDuplicate) continue;
    if (board.isBlocked(task)) add(found.flag, "blocked");
    if (board.isLacking(task)) add(found.flag, "evidence_missing");
  }
  return {
    agent: [...found.agent].sort(byName),
    priority: [...found.priority].sort((a, b) => priorityRank(a[0]) - priorityRank(b[0]) || natural(a[0], b[0])),
    status: [...found.status].sort(byCount),
    tag: [...found.tag].sort(byCount).slice(0, 300),
    flag: [...found.flag].sort(byCount),
  };
}

/**
 * @param {Map<string, number>} counts
 * @param {string | null} value
 */
function add(counts, value) {
  if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
}

/**
 * @param {Facet} a
 * @param {Facet} b
 */
function byName(a, b) {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

/**
 * @param {Facet} a
 * @param {Facet} b
 */
function byCount(a, b) {
  return b[1] - a[1] || byName(a, b);
}
