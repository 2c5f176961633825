/** The theme of the page: as the system, light or dark. */
import { remember, remembered } from "./dom.js";
/** @import {Theme} from "./types.js" */

/** @type {Theme[]} */
const THEMES = ["auto", "light", "dark"];

/** The theme that the user has set: "auto", "light" or "dark". */
export function storedTheme() {
  const stored = remembered("theme");
  return THEMES.find((theme) => theme === stored) ?? "auto";
}

/**
 * Store a theme and show it; `early.js` applies it before the first paint.
 * @param {Theme} theme
 */
export function setTheme(theme) {
  remember("theme", theme);
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/**
 * The theme after this one in the toggle's round.
 * @param {Theme} theme
 */
export function themeAfter(theme) {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
}
