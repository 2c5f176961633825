/** The frame of the page of costs, and what stands in it where there are no figures. */
import { html } from "../../lib/html.js";
import { connecting, state } from "../../ui/state.js";
import { nothingYet } from "./cost-sources.js";

function off() {
  const text = html`The settings <code>telemetry</code> and <code>history</code> switch it on; one of them is off.`;
  return state({ name: "costs-off", sign: "inbox", title: "Calls are not counted", text });
}

function unavailable() {
  const text = `The history database is still being checked, or it cannot be used: then the reason is shown at the top of the page.
    The figures appear as soon as it can be read.`;
  return state({ name: "costs-unavailable", sign: "alert", title: "The costs cannot be read now", text });
}

/** The places of all parts. */
export function frame() {
  return html`<div class="costs" data-loading>
    <h2 class="off-screen">Costs</h2>
    <div class="costs-connecting">${connecting()}</div>
    <div class="costs-off" hidden>${off()}</div>
    <div class="costs-unavailable" hidden>${unavailable()}</div>
    <div class="costs-none" hidden>${nothingYet()}</div>
    <div class="costs-all" hidden>
      <div class="tiles"><cost-ticker></cost-ticker><cost-forecast></cost-forecast></div>
      <div class="costs-wait">${state({ isWaiting: true, name: "costs-loading", text: "Adding up the calls…" })}</div>
      <cost-coverage></cost-coverage>
      <cost-budgets></cost-budgets>
      <host-lists data-lists="costs"></host-lists>
      <costs-toolbar></costs-toolbar>
      <range-figures></range-figures>
      <cost-trend></cost-trend>
      <model-share></model-share>
      <token-trend></token-trend>
      <cost-totals></cost-totals>
      <model-table data-waits></model-table>
      <cache-use data-waits></cache-use>
      <week-map data-waits></week-map>
      <done-tasks data-waits></done-tasks>
      <calls-table></calls-table>
    </div>
    <cost-sources hidden></cost-sources>
  </div>`;
}
