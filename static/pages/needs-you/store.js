/** The store of what waits for the user, made once, for the pages that show it. */
import { lazily, returns } from "../../lib/lazy.js";
import { effect } from "../../lib/signals.js";
/** @import {Dashboard} from "../../lib/types.js" */
/** @import {Needs} from "../../stores/needs.js" */

const loadStore = lazily(() => import("../../stores/needs.js"), import.meta.resolve("../../stores/needs.js"));
const loadHttp = lazily(() => import("../../live/http.js"), import.meta.resolve("../../live/http.js"));

/** @type {Needs | null} */
let known = null;

/**
 * The store; rejected if it cannot be loaded, the next call tries again.
 * @param {Pick<Dashboard, "stores">} dashboard
 */
export async function needsStore({ stores }) {
  const [{ Needs }, { getJson }] = await Promise.all([loadStore(), loadHttp()]);
  if (known) return known;
  const needs = (known = new Needs(() => getJson("/api/needs-you", { hidden: 1 })));
  stores.register(needs).catch(() => {}); // it is asked for again when the connection is back
  effect(() => {
    if (returns.value > 0) needs.refresh();
  });
  return needs;
}
