/** Where data gets stuck: the four stages of doctor, each with its reason and what to do next. */
import { html, icon } from "../../lib/html.js";
/** @import {Stage} from "./types.js" */

const SIGNS = { ok: "check", note: "help", problem: "alert" };

/** @param {Stage[]} stages */
export function stagesOf(stages) {
  return html`<ol class="stages">${stages.map(
    ({ number, question, level, reason, next_step: next }) => html`<li class="stage" data-testid="stage" data-level="${level}">
      <span class="stage-sign">${icon(SIGNS[level])}</span>
      <div><h3>${number}. ${question}</h3><p>${reason}</p>${next ? html`<p class="stage-next"><strong>Next:</strong> ${next}</p>` : null}</div></li>`,
  )}</ol>
  <p class="hint"><button type="button" class="link again-stages">Check again</button></p>`;
}
