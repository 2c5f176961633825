/** The REST calls of the page of plans; what goes wrong is an `HttpError`. */
import { getJson, postJson, urlOf } from "../../live/http.js";
/** @import {Activity, Finding, FindingFile, Graph, History, OrchestratorDetails, Overview, Plan, Resources, StartOrder, Started, Worktrees} from "./types.js" */

const base = (/** @type {string} */ name) => `/api/plans/${encodeURIComponent(name)}`;

/** @param {string} name @returns {Promise<Plan>} */
export const getPlan = async (name) => (await getJson(base(name))).data;

/** @param {string} name @returns {Promise<Graph>} */
export const getGraph = async (name) => (await getJson(`${base(name)}/graph`)).data;

/** @param {string} name @returns {Promise<FindingFile[]>} */
export const getFindings = async (name) => (await getJson(`${base(name)}/findings`)).data;

/** @param {string} name @param {string} task @param {AbortSignal} signal @returns {Promise<Finding>} */
export const getFinding = (name, task, signal) => getJson(`${base(name)}/findings/${encodeURIComponent(task)}`, {}, signal);

/** @param {string} name @returns {Promise<History>} */
export async function getHistory(name) {
  const { data, isComplete } = await getJson(`${base(name)}/history`);
  return { changes: data, isComplete };
}

/** Where the log of a plan is streamed, its last lines first. @param {string} name @param {number} lines */
export const logStreamUrl = (name, lines) => urlOf(`${base(name)}/logs`, { follow: true, lines });

/** What happened lately in all plans. @param {number} limit @returns {Promise<Activity[]>} */
export const getActivity = async (limit) => (await getJson("/api/activity", { limit })).data;

/** @returns {Promise<Overview>} */
export const getOverview = () => getJson("/api/orchestrators");

/** @param {string} id @returns {Promise<OrchestratorDetails>} */
export const getOrchestrator = (id) => getJson(`/api/orchestrators/${encodeURIComponent(id)}`);

/** @returns {Promise<Resources>} */
export const getResources = () => getJson("/api/resources");

/** @returns {Promise<Worktrees>} */
export const getWorktrees = () => getJson("/api/worktrees");

/** Answered when it lives. @param {string} name @param {StartOrder} order @returns {Promise<Started>} */
export const startPlan = (name, order) => postJson(`${base(name)}/start`, order);

/** Answered when it is gone. @param {string} name @param {boolean} force @returns {Promise<Started>} */
export const stopPlan = (name, force) => postJson(`${base(name)}/stop`, { force });
