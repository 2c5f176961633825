/** The REST calls of the costs page. Each throws an `ApiError` whose message can be shown. */
import { get } from "../../live/http.js";

const MOST_CALLS = 500; // on one page

/** The snapshot of the topic `costs`, as `Costs.take` wants it. */
export const getSnapshot = async () => (await get("/api/snapshot?topics=costs")).costs;

/** Costs, calls and tokens of today, this month and ever; coverage, forecast, budgets. */
export const getSummary = (_, signal) => get("/api/telemetry", signal);

/** `{bucket, buckets, series}` of `{bucket, by, from, to, top}`. */
export const getTrends = (wanted, signal) => get(`/api/telemetry/trends${query(wanted)}`, signal);

/** `{models}` of `{from, to}`. */
export const getModels = (wanted, signal) => get(`/api/telemetry/models${query(wanted)}`, signal);

/** `{by, totals}` of `{by, from, to, limit}`. */
export const getTotals = (wanted, signal) => get(`/api/telemetry/totals${query(wanted)}`, signal);

/** `{calls, cursor}` of `{model, agent, task, project, session, status, cost, from, to, limit, cursor}`, newest first. */
export const getCalls = (wanted, signal) => get(`/api/telemetry/calls${query(wanted)}`, signal);

/** `{sources}`: what is read, and what of it was refused. */
export const getSources = (_, signal) => get("/api/telemetry/sources", signal);

/** The address of an export: what `getCalls` selects, in a format. */
export function exportAddress(format, wanted) {
  return `/api/telemetry/export${query({ format, ...wanted })}`;
}

function query(values) {
  const told = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return told.length ? `?${new URLSearchParams(told)}` : "";
}

/** `{input, output, cache_read, cache_write}`: the tokens of all calls of a task; null if they are too many to be added. */
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
