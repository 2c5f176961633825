/** Where data gets stuck: the four stages of doctor, each with its reason and what to do next. */
import { html, icon } from "../../lib/html.js";
/** @import {Stage} from "./types.js" */

/** @param {Stage[]} stages */
export function stagesOf(stages) {
  return html`<ol class="stages">${stages.map(
    ({ name, ok, reason, next }, index) => html`<li class="stage" data-testid="stage" data-ok="${String(ok)}">
      <span class="stage-sign">${icon(ok === null ? "help" : ok ? "check" : "alert")}</span>
      <div><h3>${index + 1}. ${name}</h3><p>${reason}</p>${ok ? null : next ? html`<p class="stage-next"><strong>Next:</strong> ${next}</p>` : null}</div></li>`,
  )}</ol>
  <p class="hint"><button type="button" class="link again-stages">Check again</button></p>`;
}
