/** Light, dark, or as the system says; remembered in this browser. `early-theme.js` applies it before the first paint. */
import { remember, remembered } from "./dom.js";

export const THEMES = ["auto", "light", "dark"];

/** The theme chosen: "auto", "light" or "dark". */
export function chosenTheme() {
  const theme = remembered("theme");
  return THEMES.includes(theme) ? theme : "auto";
}

/** Choose a theme and show it. */
export function chooseTheme(theme) {
  remember("theme", theme);
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** The theme after this one in the toggle's round. */
export function themeAfter(theme) {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
}
