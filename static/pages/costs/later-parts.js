/** Parts far down the page: each is loaded, and asked for, when it is about to be seen. */
import { lazily } from "../../lib/lazy.js";
import { loadStyle } from "../../lib/dom.js";

const NEAR = "600px";

/** @template {string} T @typedef {{tag: T, load: () => Promise<{register: () => void}>}} Part */

/** By the names of what they are asked for: their elements and modules. @type {{models: Part<"model-table">, week: Part<"week-map">, cache: Part<"cache-use">, done: Part<"done-tasks">}} */
export const LATER = {
  models: { tag: "model-table", load: lazily(() => import("./model-table.js"), import.meta.resolve("./model-table.js")) },
  week: { tag: "week-map", load: lazily(() => import("./week-map.js"), import.meta.resolve("./week-map.js")) },
  cache: { tag: "cache-use", load: lazily(() => import("./cache-use.js"), import.meta.resolve("./cache-use.js")) },
  done: { tag: "done-tasks", load: lazily(() => import("./done-tasks.js"), import.meta.resolve("./done-tasks.js")) },
};
/** @typedef {keyof typeof LATER} Later */

/**
 * Load each of them when it comes near to what is seen of `root`, then call `onReady(name)`. What cannot be
 * loaded is tried again when it comes near again.
 * Returns a function that loads all of them now: what is below them moves while they come.
 * @param {HTMLElement} root
 * @param {(name: Later) => void} onReady
 */
export function loadWhenNear(root, onReady) {
  /** @type {Map<Element, Promise<void>>} */
  const begun = new Map();
  const observer = new IntersectionObserver((entries) => entries.filter(({ isIntersecting }) => isIntersecting).forEach(({ target }) => begin(target)), { root, rootMargin: NEAR });
  /** @param {Element} target */
  function begin(target) {
    const known = begun.get(target) ?? load(target);
    begun.set(target, known);
    return known;
  }
  /** @param {Element} target */
  async function load(target) {
    const name = /** @type {Later} */ (Object.keys(LATER).find((each) => LATER[/** @type {Later} */ (each)].tag === target.localName));
    observer.unobserve(target);
    try {
      const [part] = await Promise.all([LATER[name].load(), loadStyle("/pages/costs/later.css")]);
      part.register();
      target.removeAttribute("data-waits");
      onReady(name);
    } catch {
      begun.delete(target);
      observer.observe(target); // the next time that it comes near
    }
  }
  const targets = Object.values(LATER).flatMap(({ tag }) => [...root.querySelectorAll(tag)]);
  for (const target of targets) observer.observe(target);
  return () => Promise.all(targets.map(begin));
}
