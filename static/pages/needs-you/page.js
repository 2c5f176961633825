/** The page of what waits for the user; while it is closed, the count in the navigation and notifications on the desktop. */
import { emit } from "../../lib/dom.js";
import { lazily, untilLoaded } from "../../lib/lazy.js";
import { effect } from "../../lib/signals.js";
/** @import {Dashboard, Page} from "../../lib/types.js" */
/** @import {Needs} from "../../stores/needs.js" */

const loadPage = lazily(() => import("./needs-you-page.js"), import.meta.resolve("./needs-you-page.js"));
const loadStore = lazily(() => import("./store.js"), import.meta.resolve("./store.js"));
const loadAnnounce = lazily(() => import("./announce.js"), import.meta.resolve("./announce.js"));

export default /** @satisfies {Page} */ ({
  name: "needs-you",
  label: "Needs you",
  key: "y",
  topics: ["needs_you"],
  styles: ["/pages/needs-you/needs-you.css"],
  load: async (dashboard) => (await Promise.all([loadPage(), addStore(dashboard)]))[0],
  start: (dashboard) => dashboard.drawn.then(() => untilLoaded(() => addStore(dashboard))),
});

let isFollowed = false;

/**
 * Follow the store, in the mark and in notifications; not before the board is there, which does not need it.
 * @param {Dashboard} dashboard
 */
async function addStore(dashboard) {
  const needs = await (await loadStore()).needsStore(dashboard);
  if (isFollowed) return;
  isFollowed = true;
  effect(() => {
    needs.revision.value;
    emit(document, "page-mark", { page: "needs-you", mark: markOf(needs) });
  });
  needs.addEventListener("new", ({ detail }) => loadAnnounce().then(({ announce }) => announce(detail), () => {}));
}

/** @param {Needs} needs */
function markOf(needs) {
  const count = needs.open.length;
  if (count === 0) return null;
  return { tone: /** @type {const} */ ("bad"), count, label: count === 1 ? "1 thing needs you" : `${count} things need you` };
}
