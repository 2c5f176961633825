/** A profile as it would be started: the whole command line, folder and environment, and its approval. */
import { UNKNOWN, bytes, duration } from "../../lib/format.js";
import { flag, html, icon } from "../../lib/html.js";
/** @import {Profile} from "./types.js" */

const ORIGINS = { "built-in": "part of llm-service", user: "the user's own configuration", workspace: "proposed by a file of the workspace" };

/**
 * `reason` is why nothing can be started; `canApprove`: here, or only by the command line.
 * @param {Profile} profile
 * @param {string | null} reason
 * @param {boolean} canApprove
 * @param {string | null} [host] the label of the host that would start it; null: this one
 */
export function profileView(profile, reason, canApprove, host = null) {
  const { argv, cwd, env, env_allow: allowed, origin, digest, approved } = profile;
  const variables = Object.entries(env ?? {});
  return html`<section class="profile" data-testid="profile" aria-label="What is started">
    <dl class="profile-facts">
      <div><dt>Command</dt><dd><ol class="argv" data-testid="profile-argv">${argv.map((argument) => html`<li><code>${argument}</code></li>`)}</ol></dd></div>
      <div><dt>Folder</dt><dd><code data-testid="profile-cwd">${cwd ?? "{project_dir}"}</code></dd></div>
      <div><dt>Environment</dt><dd data-testid="profile-env">${
        variables.length ? html`<ul class="env">${variables.map(([name, value]) => value === null ? html`<li><code>${name}</code> <span class="faint">value not shown</span></li>` : html`<li><code>${name}=${value}</code></li>`)}</ul>` : "Nothing is set."
      } ${allowed?.length ? html`<span>Passed on: ${allowed.map((name, index) => html`${index ? ", " : ""}<code>${name}</code>`)}</span>` : html`<span class="faint">Nothing else of yours is passed on.</span>`}</dd></div>
      <div><dt>Limits</dt><dd>${limits(profile)}</dd></div>
      <div><dt>From</dt><dd>${Object.hasOwn(ORIGINS, origin) ? ORIGINS[/** @type {keyof ORIGINS} */ (origin)] : origin}</dd></div>
      <div><dt>Digest</dt><dd><code class="digest" title="${digest}">${digest}</code></dd></div>
    </dl>
    ${approved
      ? html`<p class="approved" data-testid="profile-approved">${icon("check")}Approved as it is shown here; any change asks again.</p>`
      : html`<div class="approve"><p>${icon("alert")}<span>Not approved yet. Read the command line: it will run ${host === null ? "as you, with your rights" : html`on ${host}, with the rights of who runs that host`}.</span></p>
          ${reason || canApprove ? html`<button type="button" class="button approve-button" data-testid="approve" data-digest="${digest}" ${flag(reason, "disabled")} title="${reason ?? ""}">Approve exactly this</button>` : html`<p class="approve-how">Without a token nobody can tell you from an agent: run <code>llm-service approve</code> in a terminal${host === null ? null : ` on ${host}`}.</p>`}</div>`}
  </section>`;
}

/** @param {Profile} profile */
function limits({ timeout_s: timeout, max_log_bytes: log, retry_times: retries, grace_s: grace, pty }) {
  const parts = [
    timeout ? `stopped after ${duration(timeout * 1000)}` : "no time limit",
    log ? `log up to ${bytes(log)}` : null,
    retries ? `tried again ${retries} ${retries === 1 ? "time" : "times"}` : null,
    grace === undefined ? null : `${grace} s to end when it is stopped`,
    pty ? "in a terminal of its own" : null,
  ];
  return parts.filter(Boolean).join(", ") || UNKNOWN;
}
