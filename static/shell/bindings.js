/**
 * The keys of the window, in one table: `bind` binds them, and the help is written from it (help-dialog.js). A binding is
 * `{keys, does, group, act?}`; one without `act` is bound by its page, which says so in its `shortcuts`.
 */
import { isTyping, listen } from "../lib/dom.js";
/** @import {Page, Shortcut} from "../lib/types.js" */

/** `keys` are what is shown; `names` of the event's `key` where they differ; `isSilent`: not in the help; `group`: its heading there. @typedef {Shortcut & {group: string, names?: string[], act?: (event: KeyboardEvent) => unknown, isSilent?: boolean}} Binding */
/** @typedef {{palette: () => unknown, search: () => unknown, open: (page: string) => unknown, activity: () => unknown, hideActivity: () => unknown, theme: () => unknown, help: () => unknown}} Acts */

const IS_MAC = /Mac|iP(?:hone|ad)/.test(globalThis.navigator?.platform ?? "");
export const PALETTE_KEY = IS_MAC ? "⌘K" : "Ctrl K";

/**
 * All bindings: those of the window, and those of the pages.
 * @param {Page[]} pages
 * @param {Acts} acts
 * @returns {Binding[]}
 */
export function bindingsOf(pages, acts) {
  const everywhere = [
    { keys: [PALETTE_KEY], names: [], does: "Find anything, go anywhere, do anything", act: acts.palette },
    { keys: ["/"], does: "Search this page", act: acts.search },
    { keys: ["a"], does: "Activity", act: acts.activity },
    { keys: ["t"], does: "Theme: system, light, dark", act: acts.theme },
    { keys: ["?"], does: "This help", act: acts.help },
    { keys: ["Esc"], names: ["Escape"], does: "Close the activity where it covers the page", act: acts.hideActivity, isSilent: true },
  ];
  return [
    ...everywhere.map((binding) => ({ ...binding, group: "Everywhere" })),
    ...pages.map(({ name, label, key }) => ({ keys: [key], does: label, group: "Pages", act: () => acts.open(name) })),
    ...pages.flatMap(({ label, shortcuts = [] }) => shortcuts.map((shortcut) => ({ ...shortcut, group: label }))),
  ];
}

/**
 * Bind the keys of those that have an act.
 * @param {Binding[]} bindings
 */
export function bind(bindings) {
  const handlers = bindings.flatMap(({ keys, names = keys, act }) => (act ? names.map((name) => [name, act]) : []));
  listen(Object.fromEntries(handlers));
  const palette = bindings.find(({ keys }) => keys[0] === PALETTE_KEY)?.act;
  document.addEventListener("keydown", (event) => {
    const isK = event.key.toLowerCase() === "k" && !event.altKey && !event.shiftKey;
    if (!palette || !isK || !(IS_MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey)) return;
    // A page's own dialog stays what it is; in a field for text the key means nothing else.
    if (document.querySelector("dialog:modal:not(.palette)") && !isTyping(event.target)) return;
    event.preventDefault();
    palette(event);
  });
}

/**
 * Take the characters that are typed while a field that was asked for is loaded: else they would be shortcuts. The function
 * that it returns gives them and takes no more.
 */
export function typedAhead() {
  let text = "";
  const take = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if ([...event.key].length === 1) text += event.key;
    else if (event.key === "Backspace") text = [...text].slice(0, -1).join("");
    else if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("keydown", take, true);
  return () => {
    document.removeEventListener("keydown", take, true);
    return text;
  };
}
