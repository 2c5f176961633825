/** The page of jobs; while it is closed, its mark in the navigation: who waits for a person. */
import { emit } from "../../lib/dom.js";
import { lazily, untilLoaded } from "../../lib/lazy.js";
import { effect } from "../../lib/signals.js";
/** @import {Dashboard, Page} from "../../lib/types.js" */

const loadPage = lazily(() => import("./jobs-page.js"), import.meta.resolve("./jobs-page.js"));
const loadStore = lazily(() => import("../../stores/jobs.js"), import.meta.resolve("../../stores/jobs.js"));

export default /** @satisfies {Page} */ ({
  name: "jobs",
  label: "Jobs",
  key: "j",
  topics: ["jobs"],
  styles: ["/ui/ansi.css", "/ui/find-bar.css", ...["jobs.css", "job.css", "dialog.css", "log.css"].map((name) => `/pages/jobs/${name}`)],
  shortcuts: [
    { keys: ["End"], does: "In a log: to the end, and follow it" },
    { keys: ["e"], does: "In a log: the next error" },
    { keys: ["n", "p"], does: "In a log: next or previous match of the search" },
    { keys: ["v"], does: "In a log: what concerns you, or everything" },
  ],
  load: async (dashboard) => (await Promise.all([loadPage(), addStore(dashboard)]))[0],
  start: (dashboard) => dashboard.drawn.then(() => untilLoaded(() => addStore(dashboard))),
});

let isAdded = false;

/**
 * Add the store; not before the board is there, which does not need it.
 * @param {Dashboard} dashboard
 */
async function addStore({ stores }) {
  const { Jobs } = await loadStore();
  if (isAdded) return;
  isAdded = true;
  const jobs = new Jobs();
  stores.register(jobs).catch(() => {}); // it is asked for again when the connection is back
  effect(() => {
    jobs.revision.value;
    const size = jobs.waiting.length;
    const label = size === 1 ? "1 job waits for your input" : `${size} jobs wait for your input`;
    emit(document, "page-mark", { page: "jobs", mark: size > 0 ? { tone: "warn", label } : null });
  });
}
