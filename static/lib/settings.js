/** What this browser remembers for the page: settings, and the theme, which `early-theme.js` applies before the first paint. */
export const THEMES = ["auto", "light", "dark"];

/** A setting of this browser; null where there is none or storage is refused. */
export function remembered(name) {
  try {
    return localStorage.getItem(`llm-service.${name}`);
  } catch {
    return null;
  }
}

/** Keep a setting in this browser, if it lets us. */
export function remember(name, value) {
  try {
    localStorage.setItem(`llm-service.${name}`, value);
  } catch {
    // Private windows may refuse storage; the setting then lasts as long as the page.
  }
}

/** A list kept with `remember`; empty if there is none or it is not one. */
export function rememberedList(name) {
  try {
    const value = JSON.parse(remembered(name));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

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
