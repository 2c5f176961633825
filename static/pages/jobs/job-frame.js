/** The frame of a job, and what can be seen of it. */
import { html } from "../../lib/html.js";
import { tabBar } from "../../ui/tabs.js";

export const TABS = [
  { name: "log", label: "Log" },
  { name: "agent", label: "Agent" },
  { name: "runs", label: "Runs" },
  { name: "insights", label: "Insights" },
  { name: "knowledge", label: "Knowledge" },
  { name: "files", label: "Files" },
  { name: "doctor", label: "Doctor" },
];

export function frame() {
  return html`<header class="job-head"></header><div class="job-explain" hidden></div>
    ${tabBar({ label: "Of this job", tabs: TABS, prefix: "job-tab", panel: "job-panel", selected: "log" })}
    <div id="job-panel" class="job-panel" role="tabpanel"><log-viewer></log-viewer><job-part hidden></job-part></div>`;
}
