/** The keys of the log viewer, while its lines have the focus; `n`, `p`, `e`, `v` wherever one is on the page but in a field. */
import { emit, listen, one } from "../../../lib/dom.js";
/** @import {LogQuery} from "../types.js" */

/**
 * @param {HTMLElement} root
 * @param {() => LogQuery} query
 * @param {{nextError: () => unknown, nextMatch: (step: number) => unknown, goTo: (where: "start" | "end") => void}} goes
 */
export function listenToKeys(root, query, { nextError, nextMatch, goTo }) {
  const isShown = () => root.checkVisibility();
  listen({
    n: () => nextMatch(1),
    p: () => nextMatch(-1),
    e: nextError,
    v: () => emit(root, "query-change", { changes: { view: query().view === "all" ? null : "all" } }),
  }, isShown);
  one(root, ".log-view").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== "Home" && event.key !== "End")) return;
    event.preventDefault();
    goTo(event.key === "End" ? "end" : "start");
  });
}
