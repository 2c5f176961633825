/** What the user has to know at once: what does not work as it should, in a banner, and short messages over the page. */
import { define, one } from "../lib/dom.js";
import { effect } from "../lib/signals.js";
import { NoticeBanner } from "./notice-banner.js";
import { ToastList } from "./toast-list.js";
/** @import {Degraded, Signal, Toast} from "../lib/types.js" */

/**
 * Show what is degraded from now on; `toast(message)` shows a short message.
 * @param {Signal<Degraded[]>} degraded
 */
export function startNotices(degraded) {
  define("notice-banner", NoticeBanner);
  define("toast-list", ToastList);
  const banner = /** @type {NoticeBanner} */ (one(document, "notice-banner"));
  const toasts = /** @type {ToastList} */ (one(document, "toast-list"));
  effect(() => (banner.degraded = degraded.value));
  return {
    toast: (/** @type {Toast} */ message) => toasts.show(message),
    change: (/** @type {{key: string, title: string, text: string}} */ message) => toasts.change(message),
    drop: (/** @type {string} */ key) => toasts.drop(key),
  };
}
