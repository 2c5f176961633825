/** What there is room for: worktrees, disk, processors, memory; and the limits, each with where it comes from. */
import { UNKNOWN, bytes, count } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
/** @import {Limit, Resources} from "./types.js" */

/** @type {Record<string, [string, string]>} */
const LIMITS = {
  max_worktrees: ["Worktrees at most", ""],
  stale_days: ["A worktree is stale after", "days"],
  min_disk_space_mb: ["Space that has to be free", "MB"],
  warn_disk_space_mb: ["A warning below", "MB"],
};

/** @param {Resources} resources */
export function resourcesOf({ limits, worktrees, warnings, canCreateWorktree, orchestrators, system, origins }) {
  const { concurrentWorktrees: room, diskSpace: disk } = limits;
  const { total_bytes, available_bytes, percent } = system.memory;
  const stale = [worktrees.stale > 0 && `${count(worktrees.stale)} stale`, worktrees.abandoned > 0 && `${count(worktrees.abandoned)} abandoned`].filter(Boolean).join(", ");
  return html`<section class="panel" aria-labelledby="resources-title" data-testid="resources"><header class="panel-top"><div class="panel-text"><h3 id="resources-title">Resources</h3><p class="panel-note" data-testid="can-create">${canCreateWorktree ? "There is room for another worktree." : "There is no room for another worktree."}</p></div></header>
    ${warnings.length > 0 ? html`<ul class="more-warnings" data-testid="resource-warnings">${warnings.map((text) => html`<li>${icon("alert")}<span>${text}</span></li>`)}</ul>` : null}
    <ul class="gauges">${gauge("Worktrees", `${count(room.current)} of ${count(room.max)}`, room.current / Math.max(1, room.max), !room.canCreate, stale)}
      ${gauge("Free on the disk", disk.availableMB === null ? UNKNOWN : bytes(disk.availableMB * 1e6), null, !disk.sufficient, `${bytes(disk.requiredMB * 1e6)} are required`)}
      ${gauge("Processors", `${system.cpu_percent.toFixed(0)} %`, system.cpu_percent / 100, false, "of all, since the last look")}
      ${gauge("Memory", `${percent.toFixed(0)} %`, percent / 100, false, `${bytes(available_bytes)} of ${bytes(total_bytes)} are free`)}
      ${gauge("Orchestrators", `${count(orchestrators.running)} running`, null, false, "")}</ul>
    <details class="more-limits"><summary>Limits, and where they come from</summary><table class="plan-table"><tbody>${Object.entries(origins).map(([name, limit]) => limitRow(name, limit))}</tbody></table></details></section>`;
}

/**
 * @param {string} name
 * @param {string} value
 * @param {number | null} share
 * @param {boolean} isBad
 * @param {string} note
 */
function gauge(name, value, share, isBad, note) {
  const width = share === null ? 0 : Math.round(1000 * Math.min(1, Math.max(0, share))) / 10;
  return html`<li class="gauge" data-bad="${isBad}"><span class="gauge-name">${name}</span><strong>${value}</strong>
    ${share === null ? null : html`<span class="plan-bar" aria-hidden="true"><svg viewBox="0 0 100 4" preserveAspectRatio="none" focusable="false"><rect x="0" y="0" width="${width}" height="4"></rect></svg></span>`}<span class="faint">${note}</span></li>`;
}

/** @param {string} name @param {Limit} limit */
function limitRow(name, { value, origin, ignored }) {
  const [label, unit] = LIMITS[name] ?? [name, ""];
  const asked = ignored === null ? null : html`<span class="faint">A file of the workspace asks for ${count(ignored)}, which does not count: it may only be stricter.</span>`;
  return html`<tr data-testid="limit" data-limit="${name}"><th scope="row">${label}</th><td>${count(value)} ${unit}</td><td>${origin === "default" ? "default" : html`<code>${origin}</code>`}</td><td class="is-wide">${asked}</td></tr>`;
}
