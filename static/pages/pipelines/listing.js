/** A page of the list, and how what is reported changes it before the service is asked again; pure. */
import { moment } from "../../lib/format.js";
/** @import {Pipeline, PipelineStatus} from "../../lib/types.js" */
/** @import {ListAnswer, ListQuery} from "./types.js" */
/** What is shown now; `isSure`: the service would answer the same. @typedef {{list: ListAnswer, isSure: boolean}} Changed */

export const PAGE_SIZE = 20;

/**
 * What an address asks for.
 * @param {Record<string, string>} query
 * @returns {ListQuery}
 */
export function queryOf({ status = "", type = "", project, page }) {
  const number = Number(page);
  return { status: namesIn(status), type: namesIn(type), project: project || null, page: Number.isSafeInteger(number) && number > 0 ? number : 1 };
}

/** @param {string} text */
function namesIn(text) {
  return [...new Set(text.split(",").filter(Boolean))];
}

/**
 * A list in an address, with a name more or less.
 * @param {string[]} names
 * @param {string} name
 */
export function toggled(names, name) {
  return (names.includes(name) ? names.filter((each) => each !== name) : [...names, name]).join(",") || null;
}

/**
 * True if nothing is filtered.
 * @param {ListQuery} query
 */
export function isPlain({ status, type, project }) {
  return status.length === 0 && type.length === 0 && project === null;
}

/**
 * The list with a pipeline as it was just reported.
 * @param {ListAnswer} list
 * @param {ListQuery} query
 * @param {Pipeline} row
 * @returns {Changed}
 */
export function withRow(list, query, row) {
  const before = list.pipelines.find(({ id }) => id === row.id);
  const counts = before && isCounted(query, row) ? moved(list.counts, before.status, row.status) : list.counts;
  if (before && passes(query, row)) {
    const pipelines = list.pipelines.map((each) => (each === before ? row : each)).sort(newestFirst);
    return { list: { ...list, counts, pipelines }, isSure: before.created_at === row.created_at };
  }
  if (before) return { list: { ...list, counts, ...without(list, row.id) }, isSure: false };
  if (!passes(query, row)) return { list, isSure: false };
  const isNewest = query.page === 1 && list.pipelines.every((each) => newestFirst(row, each) < 0);
  if (!isNewest) return { list, isSure: false };
  const total = list.total + 1;
  const more = { ...list.counts, [row.status]: (list.counts[row.status] ?? 0) + 1 };
  const pipelines = [row, ...list.pipelines].slice(0, PAGE_SIZE);
  return { list: { ...list, total, total_pages: Math.ceil(total / PAGE_SIZE), counts: more, pipelines }, isSure: false };
}

/**
 * The list without one that is gone.
 * @param {ListAnswer} list
 * @param {string} gone
 * @returns {Changed}
 */
export function withoutRow(list, gone) {
  const row = list.pipelines.find(({ id }) => id === gone);
  if (!row) return { list, isSure: false };
  return { list: { ...list, ...without(list, gone), counts: moved(list.counts, row.status, null) }, isSure: false };
}

/**
 * True if a pipeline is one of those that are asked for, on whatever page.
 * @param {ListQuery} query
 * @param {Pipeline} row
 */
export function passes(query, row) {
  return isCounted(query, row) && (query.status.length === 0 || query.status.includes(row.status));
}

// The counts by status are of all statuses.
/**
 * @param {ListQuery} query
 * @param {Pipeline} row
 */
function isCounted({ type, project }, row) {
  return (type.length === 0 || type.includes(row.pipeline_type ?? "")) && (project === null || project === row.project);
}

/**
 * @param {ListAnswer} list
 * @param {string} gone
 */
function without({ pipelines, total }, gone) {
  return { pipelines: pipelines.filter(({ id }) => id !== gone), total: Math.max(0, total - 1) };
}

/**
 * @param {ListAnswer["counts"]} counts
 * @param {PipelineStatus} from
 * @param {PipelineStatus | null} to
 */
function moved(counts, from, to) {
  const changed = { ...counts, [from]: Math.max(0, (counts[from] ?? 0) - 1) };
  if (to !== null) changed[to] = (changed[to] ?? 0) + 1;
  return changed;
}

/**
 * @param {Pipeline} a
 * @param {Pipeline} b
 */
function newestFirst(a, b) {
  return moment(b.created_at) - moment(a.created_at) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}
