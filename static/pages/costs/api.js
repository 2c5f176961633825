/** The REST calls about costs; what goes wrong is an `HttpError`. */
import { getJson, urlOf } from "../../live/http.js";

/** Costs, calls and tokens of today, this month and ever; coverage, forecast, budgets. */
export const getSummary = (signal) => getJson("/api/telemetry", {}, signal);

/** `{bucket, buckets, series}` of `{bucket, by, from, to, top}`. */
export const getTrends = (query, signal) => getJson("/api/telemetry/trends", query, signal);

/** `{models}` of `{from, to}`. */
export const getModels = (query, signal) => getJson("/api/telemetry/models", query, signal);

/** `{by, totals}` of `{by, from, to, limit}`. */
export const getTotals = (query, signal) => getJson("/api/telemetry/totals", query, signal);

/** `{calls, cursor}` of `{model, agent, task, project, session, status, cost, from, to, limit, cursor}`, newest first. */
export const getCalls = (query, signal) => getJson("/api/telemetry/calls", query, signal);

/** `{sources}`: what is read, and what of it was refused. */
export const getSources = (signal) => getJson("/api/telemetry/sources", {}, signal);

/** The address of an export: what `getCalls` selects, in a format. */
export function exportAddress(format, query) {
  return urlOf("/api/telemetry/export", { format, ...query });
}
