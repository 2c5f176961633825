/** Colours of the theme in force, for what is painted instead of styled. */
let probe;

/** `{name: "rgb(...)"}` of custom properties by their names without dashes: `colours(["text", "series-1"])`. */
export function colours(names) {
  probe ??= document.body.appendChild(Object.assign(document.createElement("span"), { hidden: true }));
  const found = {};
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  return found;
}

/** Calls back after each change of the theme, by the user or the system; returns a function that ends it. */
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
