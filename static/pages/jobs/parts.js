/** The content of the tabs of a job beside its log. */
import * as artifacts from "../artifacts/api.js";
import * as api from "./api.js";
import { agentOf } from "./agent-tab.js";
import { stagesOf } from "./doctor-tab.js";
import { filesOf } from "./files-tab.js";
import { insightsOf } from "./insights-tab.js";
import { factsOf } from "./knowledge-tab.js";
import { runsOf } from "./runs-tab.js";
/** @import {Job, Markup, Run} from "../../lib/types.js" */

const MOST_FILES = 500;

/** @type {Record<string, (job: Job, runs: Run[]) => Markup | Promise<Markup>>} */
export const PARTS = {
  agent: async (job) => agentOf(job, (await api.getJob(job.id)).agent),
  runs: runsOf,
  insights: async ({ id }) => insightsOf(await api.getInsights(id)),
  knowledge: async (job) => factsOf(job, (await api.getFacts()).filter(({ sources }) => sources.some((source) => source.job === job.id))),
  files: async (job) => filesOf(job, await filesIn(job.project)),
  doctor: async ({ id }) => stagesOf(await api.getStages(id)),
};

/**
 * The files of a project, of which there need not be any yet.
 * @param {string} project
 */
async function filesIn(project) {
  const { projects } = await artifacts.getProjects();
  if (!projects.some(({ name }) => name === project)) return { artifacts: [], cursor: null };
  return artifacts.getArtifacts({ project, limit: MOST_FILES });
}
