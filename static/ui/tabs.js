/** The behaviour of a row of tabs: one is selected and takes part in the Tab order, arrows lead to the others. */

/** Mark the tab of that name as selected. */
export function markTab(root, name) {
  for (const tab of root.querySelectorAll("[role=tab]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
    tab.tabIndex = tab.dataset.tab === name ? 0 : -1;
  }
}

/** The tab to which a pressed key leads; undefined for keys that lead nowhere. */
export function tabFor(key, root) {
  const tabs = [...root.querySelectorAll("[role=tab]")];
  const chosen = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (step) return tabs.at((chosen + step) % tabs.length);
  return { Home: tabs[0], End: tabs.at(-1) }[key];
}
