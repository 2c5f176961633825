/** What is shown: the groups of the page with what the service has found. Pure. */
/** @import {Group, Hit} from "./local.js" */
/** @import {Query} from "./query.js" */

/** The kinds, in their order. @type {Record<string, string>} */
export const LABELS = { tasks: "Tasks", files: "Files", plans: "Plans", pipelines: "Pipelines", jobs: "Jobs", logs: "Log lines", agents: "Agents", sessions: "Sessions", calls: "Calls", pages: "Pages", settings: "Settings", actions: "Actions" };
const ORDER = Object.keys(LABELS);

/**
 * What a query names as a kind that is none.
 * @param {Query} query
 */
export function unknownKinds({ fields }) {
  const named = fields.flatMap(({ name, values }) => (name === "kind" ? values : []));
  return named.filter((value) => !ORDER.some((kind) => kind.startsWith(value)));
}

/** What tells hits apart. @param {Hit | undefined} hit */
export function keyOf(hit) {
  return hit && `${hit.kind} ${hit.href ?? hit.title}`;
}

/**
 * The groups of the page with what the service has found, each thing once, in the order of the kinds.
 * @param {Group[]} here
 * @param {{hits: Hit[], incomplete: string[]}[]} there
 * @returns {Group[]}
 */
export function joined(here, there) {
  const groups = new Map(here.map((group) => [group.kind, { ...group, hits: [...group.hits] }]));
  const known = new Set(here.flatMap(({ hits }) => hits.map(keyOf)));
  for (const { hits, incomplete } of there) {
    for (const hit of hits) {
      const group = groups.get(hit.kind) ?? { kind: hit.kind, hits: [], more: 0 };
      groups.set(hit.kind, group);
      if (!known.has(keyOf(hit))) group.hits.push(hit);
    }
    for (const kind of incomplete) {
      const group = groups.get(kind);
      if (group && group.more === 0) group.more = Infinity;
    }
  }
  return [...groups.values()].filter(({ hits }) => hits.length > 0).sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}
