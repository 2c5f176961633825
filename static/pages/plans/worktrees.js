/** The worktrees of the repository: what is in them, how old they are, and which of them change the same files. */
import { UNKNOWN, count, plural, sentenceCase } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { timeAgo } from "../../ui/age.js";
import { state } from "../../ui/state.js";
/** @import {Worktree, Worktrees} from "./types.js" */

const MOST_FILES = 100;

/** @param {Worktrees} answer */
export function worktreesOf({ worktrees, summary, problem }) {
  const note = worktrees.length > 0 ? `${plural(summary.total ?? 0, "worktree")} besides the main one, ${count(summary.dirty ?? 0)} with changes that are not committed` : null;
  const none = state({ name: "no-worktrees", isPart: true, sign: "folder", title: "No worktrees", text: problem ?? "The repository has none." });
  return html`<section class="panel" aria-labelledby="worktrees-title" data-testid="worktrees"><header class="panel-top"><div class="panel-text"><h3 id="worktrees-title">Worktrees</h3>${note ? html`<p class="panel-note">${note}</p>` : null}</div></header>
    ${problem && worktrees.length > 0 ? html`<p class="more-note">${problem}</p>` : null}
    ${worktrees.length === 0 ? none : html`<ul class="tree-rows">${worktrees.map(treeOf)}</ul>`}</section>`;
}

/** @param {Worktree} tree */
function treeOf(tree) {
  const { name, path, branch, head, isMain, isLocked, planName, status, dirtyCount, dirty, ahead, behind, mainBranch, overlaps, lastActivityAt, lastCommit, problem } = tree;
  const files = dirty ?? [];
  const touched = overlaps ?? [];
  return html`<li class="tree-row" data-testid="worktree" data-worktree="${name}" data-status="${status}">
    <div class="tree-name"><strong dir="auto">${name}</strong> ${isMain ? html`<span class="tag">main</span>` : null}${isLocked ? html`<span class="tag">locked</span>` : null}${status === "active" ? null : html`<span class="chip warning">${sentenceCase(status)}</span>`}<code class="faint" title="${path}">${path}</code></div>
    <div class="tree-branch">${icon("link")}<code>${branch ?? head?.slice(0, 10) ?? UNKNOWN}</code>${ahead === null || isMain ? null : html`<span class="faint">${count(ahead)} ahead, ${count(behind ?? 0)} behind ${mainBranch}</span>`}</div>
    <div class="tree-plan">${planName ? html`<a href="${address({ page: "plans", item: planName })}" dir="auto">${planName}</a>` : html`<span class="faint">no plan</span>`}</div>
    <div class="tree-age">${timeAgo(lastActivityAt) ?? UNKNOWN}${lastCommit ? html`<span class="faint" dir="auto">${lastCommit.summary}</span>` : null}</div>
    ${problem ? html`<p class="tree-problem">${icon("alert")}<span>${problem}</span></p>` : null}
    ${dirtyCount ? html`<details class="tree-files"><summary>${plural(dirtyCount, "file")} not committed</summary><ul>${files.slice(0, MOST_FILES).map((file) => html`<li><code>${file}</code></li>`)}</ul></details>` : null}
    ${touched.length > 0 ? html`<details class="tree-files" data-testid="overlaps"><summary>${icon("alert")}${overlapText(touched)}</summary><ul>${touched.slice(0, MOST_FILES).map((each) => html`<li><span class="tag" data-kind="${each.kind}">${each.kind === "hot" ? "same lines" : "same file"}</span> <code>${each.file}</code> <span class="faint">in ${each.worktree}</span></li>`)}</ul></details>` : null}
  </li>`;
}

/** @param {import("./types.js").Overlap[]} overlaps */
function overlapText(overlaps) {
  const hot = overlaps.filter(({ kind }) => kind === "hot").length;
  return `${plural(overlaps.length, "overlap")} with other worktrees${hot > 0 ? `, ${count(hot)} on the same lines` : ""}`;
}
