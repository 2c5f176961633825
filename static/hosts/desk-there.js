/** Another host as the dialog asks it in which a job is started: from this browser, with the user's own token. */
import { HttpError } from "../live/http.js";
import { namesIn, specificationsPath, textsIn } from "../pages/jobs/start-desk.js";
import { words } from "./lists.js";
import { profileListOf } from "./owner-profiles.js";
import { addressOf, askOwner } from "./owner.js";
/** @import {StartDesk} from "../pages/jobs/types.js" */
/** @import {Hosts} from "../stores/hosts.js" */
/** @import {Choice} from "../ui/select.js" */

/**
 * The hosts to choose from, this one as "". One that cannot be asked is not offered, unless it is `chosen`: nothing is started elsewhere
 * than where it was chosen.
 * @param {Hosts} hosts
 * @param {string} chosen
 * @returns {Choice[]}
 */
export function choicesOf(hosts, chosen) {
  const others = hosts.others.filter((observer) => observer === chosen || canAsk(hosts, observer));
  if (chosen !== "" && !others.includes(chosen)) others.push(chosen);
  return [["", `${words(hosts.labelOf(hosts.self))} (this host)`], ...others.map((observer) => /** @type {Choice} */ ([observer, words(hosts.labelOf(observer))]))];
}

/**
 * True if a host is live, and has an address.
 * @param {Hosts} hosts
 * @param {string} observer
 */
function canAsk(hosts, observer) {
  return hosts.isLive(observer) && addressOf(hosts.members.get(observer)?.url) !== null;
}

/**
 * A host, at the address that it has now. `asks` shows the user what is wanted for an error, and says whether that can be done.
 * @param {Hosts} hosts
 * @param {string} observer
 * @param {(error: unknown) => boolean} asks
 * @returns {StartDesk}
 */
export function deskAt(hosts, observer, asks) {
  const url = hosts.members.get(observer)?.url;
  const label = words(hosts.labelOf(observer));
  return {
    label,
    asks,
    problem: () => (canAsk(hosts, observer) ? null : `${label} cannot be reached now.`),
    profiles: async () => profileListOf(await askOwner(url, "/api/profiles")),
    projects: async () => namesIn((await askOwner(url, "/api/projects")).projects),
    specifications: async (project) => textsIn((await askOwner(url, specificationsPath(project))).specifications),
    approve: (name, digest) => askOwner(url, `/api/profiles/${encodeURIComponent(name)}/approve`, { method: "POST", body: { digest } }),
    start: async (project, body) => {
      const { job } = await askOwner(url, `/api/projects/${encodeURIComponent(project)}/jobs`, { method: "POST", body });
      if (typeof job?.id !== "string" || job.id.length > 300) throw new HttpError(`${label} has not said which job it is: look for it there.`, "NO_JSON", 0);
      return { page: "jobs", item: job.id, observer };
    },
  };
}
