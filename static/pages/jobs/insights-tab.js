/** What was noticed about a job, each with what it rests on, and whether that is recorded or inferred. */
import { sentenceCase } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { timeAgo } from "../../ui/age.js";
import { state } from "../../ui/state.js";
/** @import {Insight} from "../../lib/types.js" */

/** @param {Insight[]} insights */
export function insightsOf(insights) {
  if (insights.length === 0) {
    return state({ name: "no-insights", isPart: true, sign: "eye", title: "Nothing noticed yet", text: "Every 30 seconds it is checked whether something stands out: silence, a burst of errors, a loop, a limit that was reached." });
  }
  return html`<ol class="insights">${[...insights].sort((a, b) => (a.created_at < b.created_at ? 1 : -1)).map(insightOf)}</ol>`;
}

/** @param {Insight} insight */
function insightOf({ text, source, severity, rests_on: rests, is_recorded: isRecorded, created_at: at, origin }) {
  return html`<li class="insight" data-testid="insight" data-severity="${severity ?? "info"}">
    ${icon(severity === "error" || severity === "warning" ? "alert" : "activity")}
    <div><p class="insight-text" dir="auto">${text}</p>
      <p class="insight-ground"><span class="chip" data-recorded="${String(isRecorded)}" title="${isRecorded ? "It was read in a file or an event" : "It was worked out from figures or patterns"}">${isRecorded ? "recorded" : "inferred"}</span>
        ${rests ? html`<span>rests on ${rests}</span>` : html`<span class="faint">what it rests on is not known</span>`}
        ${origin && origin !== "service" ? html`<span class="tag" title="An agent said this: it is text, not checked">said by an agent</span>` : null}</p></div>
    <span class="insight-by">${sentenceCase(source)}, ${timeAgo(at)}</span>
  </li>`;
}
