/** Whether programs may be started from here, and what to do where not. */
import { signal } from "../../lib/signals.js";
import { html } from "../../lib/html.js";
import { snippet } from "../../ui/snippet.js";
import { getJobs } from "./api.js";

const SETTINGS = "~/.config/llm-service/config.yaml";

/** `isOn` null: not known yet. @typedef {{isOn: boolean | null, atOnce: number | null}} Control */

export const control = signal(/** @type {Control} */ ({ isOn: null, atOnce: null }));

/** Ask the service; what cannot be had stays as it was. */
export async function loadControl() {
  const answer = await getJobs().catch(() => null);
  if (answer) control.value = { isOn: Boolean(answer.control), atOnce: answer.max_concurrent ?? null };
}

/** Why a button cannot be pressed; null if it can. @param {Pick<Control, "isOn">} state */
export function reasonOf({ isOn }) {
  if (isOn === null) return "It is not known yet whether programs may be started.";
  return isOn ? null : "Control is off: nothing can be started, stopped or retried from here.";
}

/** What to do. */
export function howToSwitchOn() {
  return html`<div class="control-off" data-testid="control-off">
    <p><strong>Control is off.</strong> The dashboard only watches until you allow more, since a started program can do whatever you can. Write this into your
      own configuration and start the service again; a workspace cannot do it for you.</p>
    ${snippet(SETTINGS, "control: true\n", "control")}
  </div>`;
}

/** What can be done about it on another host. @param {string} label */
export function howThere(label) {
  return html`<div class="control-off" data-testid="control-off">
    <p><strong>Control is off on ${label}.</strong> Who runs that host can allow it, by <code>control: true</code> in the own configuration there.</p></div>`;
}
