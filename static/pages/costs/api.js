/** The REST calls about costs; what goes wrong is an `HttpError`. */
import { getJson, urlOf } from "../../live/http.js";

const MOST_CALLS = 500; // on one page

/** The snapshot of the topic `costs`, as `Costs.take` expects it. */
export const getSnapshot = async () => (await getJson("/api/snapshot", { topics: "costs" })).costs;

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

/** `{input, output, cache_read, cache_write}`: the tokens of all calls of a task; null if there are too many calls to add up. */
export async function getTokensOfTask(task) {
  const { calls, cursor } = await getCalls({ task, limit: MOST_CALLS });
  if (cursor === null) return calls.reduce(added, { input: 0, output: 0, cache_read: 0, cache_write: 0 });
  const { totals } = await getTotals({ by: "task", limit: MOST_CALLS });
  return totals.find(({ key }) => key === task)?.tokens ?? null;
}

function added(sum, { prompt_tokens, completion_tokens, cache_read_tokens: read, cache_write_tokens: write }) {
  return {
    input: sum.input + prompt_tokens - read - write,
    output: sum.output + completion_tokens,
    cache_read: sum.cache_read + read,
    cache_write: sum.cache_write + write,
  };
}
