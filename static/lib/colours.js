/** Colours of the theme in force, for what is painted instead of styled. */
/** @type {HTMLElement | undefined} */
let probe;

/**
 * `{name: "rgb(...)"}` of custom properties by their names without dashes: `colours(["text", "series-1"])`.
 * @param {string[]} names
 */
export function colours(names) {
  probe ??= document.body.appendChild(Object.assign(document.createElement("span"), { hidden: true }));
  /** @type {Record<string, string>} */
  const found = {};
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  return found;
}

/**
 * Calls back after each change of the theme, by the user or the system; returns a function that ends it.
 * @param {() => void} callback
 */
export function onThemeChange(callback) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const watcher = new MutationObserver(callback);
  watcher.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  system.addEventListener("change", callback);
  return () => {
    watcher.disconnect();
    system.removeEventListener("change", callback);
  };
}
