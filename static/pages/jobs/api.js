/** The REST calls of the jobs page; what goes wrong is an `HttpError`. */
import { getJson, oneValue, postJson, urlOf } from "../../live/http.js";
/** @import {Query} from "../../live/http.js" */
/** @import {Fact, Insight, Job} from "../../lib/types.js" */
/** @import {JobAnswer, JobList, LogAnswer, LogQuery, MatchAnswer, MatchCount, ProfileList, RunFigures, Stage} from "./types.js" */

const base = (/** @type {string} */ id) => `/api/jobs/${encodeURIComponent(id)}`;

/** @param {Query} [query] @returns {Promise<JobList>} */
export const getJobs = (query = { limit: 1 }) => getJson("/api/jobs", query);

/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<JobAnswer>} */
export const getJob = (id, signal) => getJson(base(id), {}, signal);

/** @returns {Promise<ProfileList>} */
export const getProfiles = () => getJson("/api/profiles");

/** Approve exactly what was shown. @param {string} name @param {string} digest */
export const approve = (name, digest) => postJson(`/api/profiles/${encodeURIComponent(name)}/approve`, { digest });

/**
 * @param {string} project
 * @param {{specification: string, profile: string}} body
 * @returns {Promise<{job: Job}>}
 */
export const startJob = (project, body) => postJson(`/api/projects/${encodeURIComponent(project)}/jobs`, body);

/** @param {string} id @returns {Promise<{job: Job}>} */
export const stopJob = (id) => postJson(`${base(id)}/stop`);

/** @param {string} id @returns {Promise<{job: Job}>} */
export const retryJob = (id) => postJson(`${base(id)}/retry`);

/** @param {string} left @param {string} right @returns {Promise<{left: RunFigures, right: RunFigures}>} */
export const compareRuns = (left, right) => getJson("/api/jobs/compare", { left, right });

/** @param {string} job @returns {Promise<Insight[]>} */
export const getInsights = async (job) => listIn(await getJson("/api/insights", { job: oneValue(job), limit: 200 }), "messages");

/** @returns {Promise<Fact[]>} */
export const getFacts = async () => listIn(await getJson("/api/knowledge", { limit: 500 }), "facts");

/** `digest` is that of the text that was shown: no other is accepted. @param {string} id @param {"accept" | "decline"} answer @param {string} digest */
export const answerFact = (id, answer, digest) => postJson(`/api/knowledge/${encodeURIComponent(id)}/${answer}`, { digest });

/** @param {string} job @returns {Promise<Stage[]>} */
export const getStages = async (job) => listIn(await getJson("/api/doctor", { job }), "stages");

/**
 * Rows of a log by number.
 * @param {string} job
 * @param {LogQuery} query
 * @param {{row?: number, after?: number, limit: number}} rows
 * @param {AbortSignal} [signal]
 * @returns {Promise<LogAnswer>}
 */
export const getRows = (job, query, rows, signal) => getJson(`${base(job)}/logs`, { ...logQuery(query), ...rows }, signal);

/**
 * The row of a time, of the next error after a row: null if there is none.
 * @param {string} job
 * @param {LogQuery} query
 * @param {{at: string, row?: number}} place
 * @returns {Promise<{row: number | null}>}
 */
export const getRow = (job, query, place) => getJson(`${base(job)}/logs`, { ...logQuery(query), ...place });

/**
 * What a search finds, the latest first.
 * @param {string} job
 * @param {LogQuery} query
 * @param {Query} search
 * @param {AbortSignal} [signal]
 * @returns {Promise<MatchAnswer>}
 */
export const getMatches = (job, query, search, signal) => getJson(`${base(job)}/logs`, { ...logQuery(query), ...search }, signal);

/**
 * How many rows a search finds.
 * @param {string} job
 * @param {LogQuery} query
 * @param {Query} search
 * @param {AbortSignal} [signal]
 * @returns {Promise<MatchCount>}
 */
export const countMatches = (job, query, search, signal) => getJson(`${base(job)}/logs/count`, { ...logQuery(query), ...search }, signal);

/**
 * Where a log, or what a query shows of it, can be downloaded.
 * @param {string} job
 * @param {LogQuery} query
 */
export const downloadUrl = (job, { run, view, levels, phase }) => urlOf(`${base(job)}/logs/download`, { run, filtered: view === "user" ? 1 : 0, level: levels.join(","), phase });

/** @param {LogQuery} query @returns {Query} */
function logQuery({ run, view, levels, phase }) {
  return { run, view, level: levels.join(","), phase };
}

/**
 * A list, alone or as the part of an answer.
 * @param {any} answer
 * @param {string} name
 */
function listIn(answer, name) {
  return Array.isArray(answer) ? answer : (answer[name] ?? []);
}
