/** What the page itself has: tasks, agents, pages, actions and names of settings. Answers at once, and pure but for the stores. */
import { plural } from "../../lib/format.js";
import { address } from "../../lib/router.js";
import { fits, isIn, wants } from "./query.js";
import { Best, score } from "./rank.js";
/** @import {Board} from "../../stores/board.js" */
/** @import {Page} from "../../lib/types.js" */
/** @import {Query} from "./query.js" */

/** Something that was found: `href` leads there, or `act` does it. @typedef {{kind: string, title: string, text: string, href?: string, act?: () => unknown, keys?: string}} Hit */
/** Something that can be done. @typedef {{title: string, text?: string, keys?: string, act: () => unknown}} Action */
/** @typedef {{kind: string, hits: Hit[], more: number}} Group */
/** @typedef {{name: string, help: string, value: string | null, origin: string}} SettingName */

const MOST = 8;
const TAKES_NO_FIELDS = ["pages", "actions", "settings"];

/**
 * The groups of what matches, in their order; those without hits are left out.
 * @param {Query} query
 * @param {{board: Board, pages: Page[], actions: Action[], settings: SettingName[]}} has
 * @returns {Group[]}
 */
export function findHere(query, { board, pages, actions, settings }) {
  const named = [
    ["pages", placesOf(pages)],
    ["actions", actions.map(({ title, text = "", keys, act }) => ({ kind: "actions", title, text, keys, act }))],
    ["settings", settings.map(({ name, help, value, origin }) => ({ kind: "settings", title: name, text: value === null || origin === "default" ? help : `${value} — ${help}`, href: address({ page: "settings", query: { q: name } }) }))],
  ];
  const groups = [tasks(query, board), agents(query, board)];
  for (const [kind, hits] of /** @type {[string, Hit[]][]} */ (named)) groups.push(names(query, kind, hits));
  return groups.filter(({ hits }) => hits.length > 0);
}

/**
 * What is shown before anything is typed.
 * @param {{pages: Page[], actions: Action[]}} has
 * @returns {Group[]}
 */
export function atFirst({ pages, actions }) {
  const none = { words: [], without: [], fields: [] };
  return [names(none, "pages", placesOf(pages), 50), names(none, "actions", actions.map((each) => ({ kind: "actions", text: "", ...each })), 50)];
}

/** @param {Page[]} pages @returns {Hit[]} */
function placesOf(pages) {
  const own = pages.map(({ name, label, key }) => ({ kind: "pages", title: label, text: "Page", keys: key, href: address({ page: name }) }));
  const parts = [["notifications", "Notifications"], ["system", "System"], ["about", "About"]];
  return [...own, ...parts.map(([item, title]) => ({ kind: "pages", title, text: "Settings", href: address({ page: "settings", item }) }))];
}

/**
 * @param {Query} query
 * @param {Board} board
 * @returns {Group}
 */
function tasks(query, board) {
  const best = new Best(MOST);
  if (wants(query, "tasks")) {
    const { fields, words } = query;
    for (const record of board.records.values()) {
      if (record.host !== undefined) continue; // it is opened from the board only
      if (!isIn(query, record.haystack)) continue;
      const { task } = record;
      if (fields.length > 0 && !fits(query, { status: [task.status], agent: [record.agent], lane: [record.lane], priority: [task.priority], tag: task.tags, flag: task.flags })) continue;
      best.offer(record, score(words, record.id.toLowerCase()) + 2 * score(words, record.sortTitle) + record.changed_at / 1e13);
    }
  }
  const isMatch = (/** @type {string} */ text) => query.words.some((word) => text.toLowerCase().includes(word));
  const hits = best.items.map(({ task, id, path, isDuplicate, lane, agent }) => ({
    kind: "tasks",
    title: task.title,
    // The tags that match are shown: else nothing would say why it was found.
    text: [...new Set([...task.tags.filter(isMatch), id, agent, lane, task.status])].filter(Boolean).join(" · "),
    href: address({ task: id, path: isDuplicate ? path : null }),
  }));
  return { kind: "tasks", hits, more: best.total - hits.length };
}

/**
 * @param {Query} query
 * @param {Board} board
 * @returns {Group}
 */
function agents(query, board) {
  const counts = new Map();
  if (wants(query, "agents") && query.words.length > 0) {
    for (const { agent, isDuplicate, host } of board.records.values()) if (agent && !isDuplicate && host === undefined) counts.set(agent, (counts.get(agent) ?? 0) + 1);
  }
  const hits = [...counts].map(([name, count]) => ({ kind: "agents", title: name, text: plural(count, "task"), href: address({ filters: { agent: name } }) }));
  return names(query, "agents", hits.filter(({ title }) => fits(query, { agent: [title] })));
}

/**
 * The best of a list by their names; those whose text alone matches come after them.
 * @param {Query} query
 * @param {string} kind
 * @param {Hit[]} hits
 * @returns {Group}
 */
function names(query, kind, hits, most = MOST) {
  const best = new Best(most);
  const isAsked = wants(query, kind) && !(TAKES_NO_FIELDS.includes(kind) && query.fields.some(({ name, isNot }) => name !== "kind" && !isNot));
  for (const hit of isAsked ? hits : []) {
    const title = hit.title.toLowerCase();
    if (isIn(query, `${title}\n${hit.text.toLowerCase()}`)) best.offer(hit, query.words.length > 0 ? score(query.words, title) : 0);
  }
  return { kind, hits: best.items, more: best.total - best.items.length };
}
