/** The files of a job's project, those that changed last first. */
import { bytes, plural } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { state } from "../../ui/state.js";
/** @import {Artifact, Job} from "../../lib/types.js" */

const MOST_FILES = 200;

/** @param {Job} job @param {{artifacts: Artifact[], cursor: string | null}} page */
export function filesOf(job, { artifacts, cursor }) {
  const whole = address({ page: "artifacts", item: job.project });
  if (artifacts.length === 0) return state({ name: "no-files", isPart: true, sign: "folder", title: "No files yet", text: html`Nothing is in <code>generated_projects/${job.project}</code> so far.` });
  const latest = [...artifacts].sort((a, b) => (a.modified_at < b.modified_at ? 1 : -1)).slice(0, MOST_FILES);
  return html`<p class="hint">${cursor ? "The first files" : plural(artifacts.length, "file")}, those that changed last first. <a href="${whole}">The whole project</a></p>
    <ul class="job-files">${latest.map(
      ({ path, lines, size_bytes: size, modified_at: at }) => html`<li data-testid="job-file">${icon("file")}<a href="${address({ page: "artifacts", item: job.project, query: { path } })}"><bdi>${path}</bdi></a>
        <span>${lines === null ? bytes(size) : plural(lines, "line")}</span><span class="faint">${timeAgo(at)}</span></li>`,
    )}</ul>`;
}
