/** What a tab of a job shows beside its log: asked for when it is opened, and again when something happened. */
import { getArtifacts } from "../artifacts/api.js";
import * as api from "./api.js";
import { stagesOf } from "./doctor-tab.js";
import { filesOf } from "./files-tab.js";
import { insightsOf } from "./insights-tab.js";
import { factsOf } from "./knowledge-tab.js";
import { runsOf } from "./runs-tab.js";
/** @import {Job, Markup, Run} from "../../lib/types.js" */

/** The tabs of a job. */
export const TABS = [
  { name: "log", label: "Log" },
  { name: "runs", label: "Runs" },
  { name: "insights", label: "Insights" },
  { name: "knowledge", label: "Knowledge" },
  { name: "files", label: "Files" },
  { name: "doctor", label: "Doctor" },
];

/** @type {Record<string, (job: Job, runs: Run[]) => Markup | Promise<Markup>>} */
const PARTS = {
  runs: runsOf,
  insights: async ({ id }) => insightsOf(await api.getInsights(id)),
  knowledge: async (job) => factsOf(job, (await api.getFacts()).filter(({ sources }) => sources.some((source) => source.job === job.id))),
  files: async (job) => filesOf(job, await getArtifacts({ project: job.project, limit: 500 })),
  doctor: async ({ id }) => stagesOf(await api.getStages(id)),
};

/**
 * The content of a tab.
 * @param {string} tab
 * @param {Job} job
 * @param {Run[]} runs
 */
export async function partOf(tab, job, runs) {
  return PARTS[tab](job, runs);
}
