/** Notifications on the desktop: only where the user has switched them on and the browser allows them. */
/** @import {Notifying} from "./types.js" */
import { visible } from "../../lib/hidden.js";
import { remember, remembered } from "../../lib/dom.js";

/** "on", "off", "denied" by the browser, or "missing" in it. @returns {Notifying} */
export function notifications() {
  if (!globalThis.Notification || !globalThis.isSecureContext) return "missing";
  if (Notification.permission === "denied") return "denied";
  return Notification.permission === "granted" && remembered("notify") === "on" ? "on" : "off";
}

/** Switch them on or off; the browser asks the user the first time. The new state. */
export async function toggleNotifications() {
  const isOn = notifications() === "on";
  if (!isOn && Notification.permission !== "granted") await Notification.requestPermission();
  remember("notify", isOn ? "off" : "on");
  return notifications();
}

/**
 * Show one, if they are on. One of the same `tag` takes the place of an older one.
 * @param {string} title
 * @param {string} text
 * @param {string} tag
 */
export function notify(title, text, tag) {
  if (notifications() !== "on") return;
  try {
    const shown = new Notification(visible(title), { body: visible(text), tag, icon: "/favicon.svg" });
    shown.onclick = () => focus();
  } catch {
    // Some phones allow them from service workers only; the message in the page is there all the same.
  }
}
