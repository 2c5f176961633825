/** The behaviour of a row of tabs: one is selected and takes part in the Tab order, arrows lead to the others. */

/**
 * Mark the tab of that name as selected.
 * @param {ParentNode} root
 * @param {string} name
 */
export function markTab(root, name) {
  for (const tab of tabsOf(root)) {
    tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
    tab.tabIndex = tab.dataset.tab === name ? 0 : -1;
  }
}

/**
 * The tab to which a pressed key leads; undefined for keys that lead nowhere.
 * @param {string} key
 * @param {ParentNode} root
 * @returns {HTMLElement | undefined}
 */
export function tabFor(key, root) {
  const tabs = tabsOf(root);
  const selected = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
  const step = key === "ArrowLeft" ? -1 : key === "ArrowRight" ? 1 : 0;
  if (step) return tabs.at((selected + step) % tabs.length);
  return key === "Home" ? tabs[0] : key === "End" ? tabs.at(-1) : undefined;
}

/** @param {ParentNode} root */
function tabsOf(root) {
  return /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[role=tab]")]);
}
