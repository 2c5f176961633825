/** Notifications on the desktop: only where the user has switched them on and the browser allows them. */
import { visible } from "./hidden.js";
import { remember, remembered } from "./dom.js";
import { chosenKinds, isQuiet, quietHours } from "./notify-choices.js";
/** @import {NotifyKind} from "./notify-choices.js" */
/** @typedef {"on" | "off" | "denied" | "missing"} Notifying */

/** The setting of this browser that switches them on. */
const NAME = "notify";
/** What it was called where only needs were announced: who switched that on has them on. */
const FORMER = "notify-needs";

/**
 * "on", "off", "denied" by the browser, or "missing" in it.
 * @returns {Notifying}
 */
export function notifications() {
  if (!globalThis.Notification || !globalThis.isSecureContext) return "missing";
  if (Notification.permission === "denied") return "denied";
  return Notification.permission === "granted" && (remembered(NAME) ?? remembered(FORMER)) === "on" ? "on" : "off";
}

/** Switch them on or off; the browser asks the user the first time. The new state. */
export async function toggleNotifications() {
  const isOn = notifications() === "on";
  if (!isOn && Notification.permission !== "granted") await Notification.requestPermission();
  remember(NAME, isOn ? "off" : "on");
  return notifications();
}

/**
 * Show one, if they are on, its kind is wanted, and the hours are not quiet. One of the same `tag` takes the place of an older
 * one; a click leads to the address `href`. Without a kind it is shown whenever they are on.
 * @param {string} title
 * @param {string} text
 * @param {string} tag
 * @param {{kind?: NotifyKind, href?: string}} [options]
 */
export function notify(title, text, tag, { kind, href } = {}) {
  if (notifications() !== "on") return;
  if (kind && (!chosenKinds().has(kind) || isQuiet(new Date(), quietHours()))) return;
  try {
    const shown = new Notification(visible(title), { body: visible(text), tag, icon: "/favicon.svg" });
    shown.onclick = () => {
      focus();
      if (href) location.hash = href;
    };
  } catch {
    // Some phones allow them from service workers only; the message in the page is there all the same.
  }
}

/**
 * Show on a button whether they are on, and whether they can be.
 * @param {HTMLButtonElement} button
 * @param {Notifying} state
 */
export function showNotifying(button, state) {
  button.hidden = state === "missing";
  button.disabled = state === "denied";
  button.setAttribute("aria-pressed", String(state === "on"));
  button.title = state === "denied" ? "This browser is set not to show notifications of this page" : "";
  button.textContent = `Desktop notifications: ${state === "on" ? "on" : "off"}`;
}
