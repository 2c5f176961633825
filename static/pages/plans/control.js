/** What may be started and stopped now, and why not; and what becomes of pressing the buttons. */
import { emit } from "../../lib/dom.js";
import { flag, html, icon } from "../../lib/html.js";
import { atMostEvery, signal } from "../../lib/signals.js";
import { getOverview, stopPlan } from "./api.js";
/** @import {PlanRow} from "../../lib/types.js" */
/** @import {Overview} from "./types.js" */
/** @typedef {"start" | "stop" | "force"} Action */
/** What a user may do with a plan now: null, or why not. @typedef {Record<Action, string | null>} Reasons */

const AGAIN_MS = 300;
export const CONTROL_OFF = "Control is off: nothing can be started or stopped from here.";
const NOT_RUNNING = "It does not run.";
const NAMES = /** @type {const} */ ({ start: ["play", "Start"], stop: ["stop", "Stop"], force: ["broken", "Force stop"] });

/** null: not known yet. */
export const overview = signal(/** @type {Overview | null} */ (null));
/** The plans that are asked to stop, until that is answered. */
export const stopping = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** Ask the service; what cannot be had stays as it was. */
export async function loadOverview() {
  overview.value = (await getOverview().catch(() => null)) ?? overview.peek();
}

/** The same, soon. */
export const loadOverviewSoon = atMostEvery(AGAIN_MS, loadOverview);

/**
 * @param {PlanRow} row
 * @param {Overview | null} known
 * @param {boolean} isStopping
 * @returns {Reasons}
 */
export function reasonsOf(row, known, isStopping) {
  if (known === null) return all("It is not known yet whether programs may be started.");
  if (!known.control) return all(CONTROL_OFF);
  const alive = known.orchestrators.filter((one) => one.plan === row.name && one.is_alive);
  const isRunning = alive.length > 0 || row.orchestrator?.running === true;
  if (!isRunning) return { start: known.start.allowed || known.start.needsApproval ? null : known.start.reason, stop: NOT_RUNNING, force: NOT_RUNNING };
  // Of one that was reported as running, and is not in the list yet, the service decides.
  const refused = alive.length > 0 && !alive.some((one) => one.can_stop) ? alive[0].why_not : null;
  const pid = alive[0]?.pid ?? row.orchestrator?.pid ?? null;
  return { start: `It runs already${pid === null ? "" : `, as process ${pid}`}.`, stop: refused ?? (isStopping ? "It was asked to stop." : null), force: refused };
}

/** @param {string} reason @returns {Reasons} */
const all = (reason) => ({ start: reason, stop: reason, force: reason });

/** @param {PlanRow} row */
const reasonsNow = (row) => reasonsOf(row, overview.value, stopping.value.has(row.name));

/** All three buttons, and in words why those that cannot be pressed cannot. @param {PlanRow} row */
export function actionButtons(row) {
  const reasons = reasonsNow(row);
  const said = [...new Set(Object.values(reasons).filter((reason) => reason !== null && reason !== NOT_RUNNING))];
  return html`<div class="plan-actions" role="group" aria-label="Orchestrator of this plan">${actions.map((action) => buttonOf(row, action, reasons[action], false))}</div>
    ${said.length > 0 ? html`<p class="plan-why" data-testid="plan-why">${said.join(" ")}</p>` : null}`;
}

/** What can be done with it, as small buttons. @param {PlanRow} row */
export function rowButtons(row) {
  const reasons = reasonsNow(row);
  const shown = row.orchestrator?.running ? /** @type {Action[]} */ (["stop", "force"]) : /** @type {Action[]} */ (["start"]);
  return html`<span class="row-actions">${shown.map((action) => buttonOf(row, action, reasons[action], true))}</span>`;
}

const actions = /** @type {Action[]} */ (["start", "stop", "force"]);

/** @param {PlanRow} row @param {Action} action @param {string | null} reason @param {boolean} isShort */
function buttonOf({ name, title }, action, reason, isShort) {
  const [sign, label] = NAMES[action];
  const what = isShort ? `${label}: ${title || name}` : label;
  return html`<button type="button" class="button plan-action${isShort ? " icon-button" : ""}" data-action="${action}" data-plan="${name}" data-testid="${isShort ? "row" : "plan"}-${action}" aria-label="${reason ? `${what}. ${reason}` : what}" title="${reason ?? titleOf(action)}" ${flag(reason !== null, "disabled")}>${icon(sign)}${isShort ? null : label}</button>`;
}

/** @param {Action} action */
function titleOf(action) {
  if (action === "start") return "Start its orchestrator";
  return action === "stop" ? "Ask it to end when its task is done; it is killed if it does not" : "Kill it at once, with all that it has started";
}

/**
 * Stop the orchestrator of a plan; the events of the service show what becomes of it.
 * @param {Element} place
 * @param {string} plan
 * @param {boolean} force
 */
export async function stop(place, plan, force) {
  stopping.value = new Set([...stopping.peek(), plan]);
  try {
    const { message } = await stopPlan(plan, force);
    emit(place, "toast", { tone: "good", title: `${plan} has stopped`, text: message, key: `plan-${plan}` });
  } catch (error) {
    emit(place, "toast", { tone: "bad", title: `${plan} could not be stopped`, text: /** @type {Error} */ (error).message, key: `plan-${plan}` });
  }
  stopping.value = new Set([...stopping.peek()].filter((each) => each !== plan));
  loadOverviewSoon();
}
