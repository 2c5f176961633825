/** What the page shows of other hosts: loaded when there is a second host, never before. */
import { emit, loadStyle } from "../lib/dom.js";
import { lazily } from "../lib/lazy.js";
import { effect } from "../lib/signals.js";
import { Hosts } from "../stores/hosts.js";
import { OtherTasks } from "../stores/other-tasks.js";
import { hostMark } from "./host-mark.js";
/** @import {Dashboard} from "../lib/types.js" */
/** @import {Router} from "../lib/address-bar.js" */
/** @import {There} from "../lib/types.js" */
/** @import {Board} from "../stores/board.js" */

const loadLists = lazily(() => import("./host-lists.js"), import.meta.resolve("./host-lists.js"));
const loadPanel = lazily(() => import("./hosts-panel.js"), import.meta.resolve("./hosts-panel.js"));
const loadWhere = lazily(() => import("./start-where.js"), import.meta.resolve("./start-where.js"));
const loadDetail = lazily(() => import("./host-detail.js"), import.meta.resolve("./host-detail.js"));

/**
 * The store of hosts, joined to the board and to the places that pages have for it.
 * What of another host is open is in the address.
 * @param {Dashboard & {board: Board, router: Router}} dashboard
 */
export async function startHosts({ stores, board, route, router }) {
  await loadStyle("/hosts/hosts.css");
  const hosts = new Hosts(hostMark);
  new OtherTasks(hosts, board);
  stores.hosts.value = hosts;
  document.addEventListener("host-open", ({ detail }) => router.openThere({ path: null, ...detail }));
  followAddress(hosts, router);
  for (const load of [loadLists, loadPanel, loadWhere]) {
    load().then(({ register }) => register({ hosts, route, costs: stores.get("costs") }), (error) => failed("Other hosts", error));
  }
  return hosts;
}

/**
 * Show what the address names, once its host is known.
 * @param {Hosts} hosts
 * @param {Router} router
 */
function followAddress(hosts, router) {
  /** @type {There | null} */
  let shown = null;
  effect(() => {
    const { there } = router.route.value;
    hosts.revision.value;
    if (there === shown || hosts.members.size === 0) return;
    shown = there;
    if (there !== null && !hosts.members.has(there.observer)) {
      failed("What another host has", new Error("That host is none of this board."));
      return router.close();
    }
    loadDetail().then(({ showDetail }) => there === shown && showDetail(hosts, there, () => router.close()), (error) => failed("What another host has", error));
  });
}

/**
 * @param {string} what
 * @param {Error} error
 */
function failed(what, { message }) {
  emit(document, "toast", { tone: "warn", title: `${what} cannot be shown`, text: message });
}
