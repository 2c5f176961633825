/** How a session is shown in few words: its state with a shape, its context, its cost. */
import { html, icon } from "../../lib/html.js";
import { costText } from "../../ui/cost-text.js";
import { contextOf, stateOf } from "./figures.js";
/** @import {SessionRow} from "./types.js" */

/** The state, and in its title what it rests on. @param {SessionRow} session */
export function stateMark(session) {
  const { name, label, sign } = stateOf(session);
  const title = `${label}${session.certainty === "derived" ? " (derived)" : ""}: ${session.rests_on}`;
  return html`<span class="status-label session-state" data-state="${name}" data-testid="session-state" title="${title}">${icon(sign)}${label}</span>`;
}

/** How full the context is; nothing without tokens. @param {SessionRow} session */
export function contextGauge(session) {
  const context = contextOf(session);
  if (!context) return null;
  const { share, text, label } = context;
  const width = Math.round(share * 100);
  return html`<span class="gauge" data-testid="context" data-full="${share > 0.8 ? "yes" : "no"}" role="img" aria-label="${label}" title="${label}"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="gauge-all" width="100" height="6"></rect><rect class="gauge-used" width="${width}" height="6"></rect></svg><span class="gauge-text">${text}</span></span>`;
}

/** What it cost; "—" where that is not counted. @param {SessionRow} session */
export function costOf({ cost, parent }) {
  if (!cost || cost.calls === 0) {
    const why = cost ? "No call of it is counted" : parent ? "Counted with its session" : "Calls are not counted";
    return html`<span class="faint" title="${why}">—<span class="off-screen"> ${why}</span></span>`;
  }
  const { text, label } = costText(cost);
  return html`<span title="${label}" data-testid="session-cost">${text}</span>`;
}
