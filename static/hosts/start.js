/** What the page shows of other hosts: loaded when there is a second host, never before. */
import { emit, loadStyle } from "../lib/dom.js";
import { lazily } from "../lib/lazy.js";
import { Hosts } from "../stores/hosts.js";
import { OtherTasks } from "../stores/other-tasks.js";
import { hostMark } from "./host-mark.js";
/** @import {Dashboard} from "../lib/types.js" */
/** @import {Board} from "../stores/board.js" */

const loadLists = lazily(() => import("./host-lists.js"), import.meta.resolve("./host-lists.js"));
const loadPanel = lazily(() => import("./hosts-panel.js"), import.meta.resolve("./hosts-panel.js"));
const loadDetail = lazily(() => import("./host-detail.js"), import.meta.resolve("./host-detail.js"));

/**
 * The store of hosts, joined to the board and to the places that pages have for it.
 * @param {Dashboard & {board: Board}} dashboard
 */
export async function startHosts({ stores, board, route }) {
  await loadStyle("/hosts/hosts.css");
  const hosts = new Hosts(hostMark);
  new OtherTasks(hosts, board);
  stores.hosts.value = hosts;
  const open = async (/** @type {PageEvents["host-open"]} */ what) => (await loadDetail()).openDetail(hosts, what);
  document.addEventListener("host-open", ({ detail }) => open(detail).catch((error) => failed("What another host has", error)));
  for (const load of [loadLists, loadPanel]) {
    load().then(({ register }) => register({ hosts, route, costs: stores.get("costs") }), (error) => failed("Other hosts", error));
  }
  return hosts;
}

/**
 * @param {string} what
 * @param {Error} error
 */
function failed(what, { message }) {
  emit(document, "toast", { tone: "warn", title: `${what} cannot be shown`, text: message });
}
