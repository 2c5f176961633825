/** The REST calls about costs; what goes wrong is an `HttpError`. */
/** @import {Query} from "../../live/http.js" */
/** @import {CostSummary} from "../../lib/types.js" */
/** @import {CacheAnswer, CallsPage, DoneAnswer, Model, RangeAnswer, Source, Totals, Trends, Week} from "./types.js" */
/** @typedef {(signal: AbortSignal) => Promise<{sources: Source[]}>} GetSources */
/** @template T @typedef {(query: Query, signal: AbortSignal) => Promise<T>} Get */
import { getJson, oneValue, urlOf } from "../../live/http.js";

const NAMES = ["model", "agent", "task", "project", "session"];

/** A selection as the service is asked for it. @param {Query} query @returns {Query} */
function asked(query) {
  const names = NAMES.filter((name) => query[name]).map((name) => [name, oneValue(String(query[name]))]);
  return { ...query, ...Object.fromEntries(names) };
}

/**
 * Costs, calls and tokens of today, this month and ever; coverage, forecast, budgets.
 * @type {(signal: AbortSignal) => Promise<CostSummary>}
 */
export const getSummary = (signal) => getJson("/api/telemetry", {}, signal);

/** `{bucket, buckets, series}` of `{bucket, by, from, to, top}`. @type {Get<Trends>} */
export const getTrends = (query, signal) => getJson("/api/telemetry/trends", query, signal);

/** The total of `{from, to, compare}`, and of the range before. @type {Get<RangeAnswer>} */
export const getRange = (query, signal) => getJson("/api/telemetry/range", query, signal);

/** The hours of the week of `{from, to}`. @type {Get<Week>} */
export const getWeek = (query, signal) => getJson("/api/telemetry/week", query, signal);

/** What came from caches in `{bucket, from, to, compare}`. @type {Get<CacheAnswer>} */
export const getCache = (query, signal) => getJson("/api/telemetry/cache", query, signal);

/** The tasks that were done in `{from, to, compare, limit}`. @type {Get<DoneAnswer>} */
export const getDone = (query, signal) => getJson("/api/telemetry/done-tasks", query, signal);

/** `{models}` of `{from, to}`. @type {Get<{models: Model[]}>} */
export const getModels = (query, signal) => getJson("/api/telemetry/models", query, signal);

/** `{by, totals}` of `{by, from, to, limit}`. @type {Get<Totals>} */
export const getTotals = (query, signal) => getJson("/api/telemetry/totals", query, signal);

/**
 * `{calls, cursor}` of `{model, agent, task, project, session, job, status, cost, from, to, sort, order, limit, cursor}`, newest first if `sort` is none.
 * @type {Get<CallsPage>}
 */
export const getCalls = (query, signal) => getJson("/api/telemetry/calls", asked(query), signal);

/** `{sources}`: what is read, and what of it was refused. @type {GetSources} */
export const getSources = (signal) => getJson("/api/telemetry/sources", {}, signal);

/**
 * The address of an export: what `getCalls` selects, in a format.
 * @param {string | undefined} format
 * @param {Query} query
 */
export function exportAddress(format, query) {
  return urlOf("/api/telemetry/export", { format, ...asked(query) });
}
