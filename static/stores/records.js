/**
 * A record is one card: the file of a task, which may share its id with others. It carries what sorting, filtering and laying out
 * need, worked out once, so that none of it is done again for 10,000 cards at every keystroke.
 */
import { natural } from "./natural.js";
import { moment, writtenMoment } from "../lib/format.js";
/** @import {Facet, Facets, Task, TaskRecord} from "../lib/types.js" */

const PRIORITIES = ["critical", "high", "medium", "normal", "low"];

/**
 * Position of a priority; unknown ones come last.
 * @param {string} priority
 */
export function priorityRank(priority) {
  const rank = PRIORITIES.indexOf(priority);
  return rank < 0 ? PRIORITIES.length : rank;
}

/**
 * The record of a task. `isDuplicate`: another file leads those with its id.
 * @param {Task} task
 * @returns {TaskRecord}
 */
export function recordOf(task) {
  const { key, id, lane, agent, path } = task;
  const changed_at = moment(task.modified_at);
  const created_at = writtenMoment(task.created_at);
  const seen_at = moment(task.lane_since);
  return {
    key,
    id,
    task,
    lane,
    agent: agent ?? null,
    path,
    isDuplicate: isOther(key, id),
    host: task.host,
    changed_at,
    created_at: Number.isNaN(created_at) ? changed_at : created_at,
    here_at: Number.isNaN(seen_at) ? written(task) : seen_at,
    isSeenToCome: !Number.isNaN(seen_at),
    priorityRank: priorityRank(task.priority),
    sortTitle: task.title.toLowerCase(),
    haystack: haystack(task),
    titleEms: ems(task.title),
  };
}

/**
 * True for the key of another file than the one that leads its id; keys of other hosts begin with theirs.
 * @param {string} key
 * @param {string} id
 */
function isOther(key, id) {
  return (key.startsWith("\0") ? key.slice(key.indexOf("\n") + 1) : key) !== id;
}

/**
 * When a task came to its lane, as its file says; NaN if it does not.
 * @param {Task} task
 */
function written({ lane, created_at, assigned_at, completed_at }) {
  const times = new Map([["inbox", created_at], ["assigned", assigned_at], ["done", completed_at]]);
  const then = writtenMoment(times.get(lane));
  return then > Date.now() ? NaN : then;
}

/** @param {Task} task */
function haystack(task) {
  const { id, title, agent, path, status, priority, batch, milestone, initiative, specification, tags, error } = task;
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
  const found = { host: new Map(), agent: new Map(), priority: new Map(), status: new Map(), tag: new Map(), flag: new Map() };
  for (const record of board.records.values()) {
    const { task } = record;
    if (board.others) add(found.host, board.hostOf(record));
    add(found.agent, record.agent);
    add(found.priority, task.priority);
    add(found.status, task.status);
    for (const tag of task.tags) add(found.tag, tag);
    for (const flag of task.flags) add(found.flag, flag);
    if (board.isBlocked(task)) add(found.flag, "blocked");
    if (board.isLacking(task)) add(found.flag, "evidence_missing");
    if (board.isStale(record)) add(found.flag, "stale");
  }
  return {
    host: [...found.host].sort(byCount),
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
