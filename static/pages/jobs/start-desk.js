/** Where a job is started, and what there is to choose from there. */
import { getJson } from "../../live/http.js";
import * as api from "./api.js";
import { reasonOf } from "./control.js";
/** @import {ProfileList, StartDesk} from "./types.js" */

const MOST = 2_000; // names that are offered

/** This host. @type {StartDesk} */
export const HERE = {
  label: null,
  asks: () => false,
  problem: () => null,
  profiles: api.getProfiles,
  projects: async () => namesIn((await getJson("/api/projects")).projects),
  specifications: async (project) => textsIn((await getJson(specificationsPath(project))).specifications),
  approve: api.approve,
  start: async (project, body) => ({ page: "jobs", item: (await api.startJob(project, body)).job.id }),
};

/** @param {string} project */
export function specificationsPath(project) {
  return `/api/projects/${encodeURIComponent(project)}/specifications`;
}

/**
 * The names in a list of projects, as an answer has it.
 * @param {unknown} projects
 */
export function namesIn(projects) {
  return textsIn(Array.isArray(projects) ? projects.map((project) => project?.name) : null);
}

/**
 * The texts in a list; none in what is no list.
 * @param {unknown} list
 * @returns {string[]}
 */
export function textsIn(list) {
  return Array.isArray(list) ? list.filter((each) => typeof each === "string" && each !== "" && each.length <= 1_000).slice(0, MOST) : [];
}

/**
 * Why nothing can be started there; null if it can.
 * @param {StartDesk} desk
 * @param {ProfileList | null} list null: not known yet
 */
export function reasonAt({ label, problem }, list) {
  if (problem() !== null) return problem();
  if (label === null) return reasonOf({ isOn: list?.control ?? null });
  if (list === null) return `It is not known yet whether ${label} may start programs.`;
  return list.control ? null : `Control is off on ${label}: nothing can be started there.`;
}
