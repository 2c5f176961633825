/** Small helpers around the DOM and the browser: events, elements, keys, styles; what this browser remembers for the page. */

import { NotLoaded } from "./lazy.js";

/**
 * The first element below `root` that matches; there has to be one.
 * @template {Element} [El=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {El}
 */
export function one(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return /** @type {El} */ (found);
}

/**
 * Dispatch an event that bubbles: how an element says what the user wants.
 * @param {EventTarget} element
 * @param {string} name
 * @param {object} [detail]
 */
export function emit(element, name, detail = {}) {
  element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}

/**
 * Handle an event of any present or future descendant that matches `selector`: handler(event, match).
 * @template {keyof HTMLElementEventMap} Type
 * @template {Element} [El=HTMLElement]
 * @param {HTMLElement} root
 * @param {Type} type
 * @param {string} selector
 * @param {(event: HTMLElementEventMap[Type], match: El) => unknown} handler
 */
export function delegate(root, type, selector, handler) {
  root.addEventListener(type, (event) => {
    const match = /** @type {El | false | null} */ (event.target instanceof Element && event.target.closest(selector));
    if (match && root.contains(match)) handler(event, match);
  });
}

/**
 * Register a custom element; harmless when repeated.
 * @param {string} name
 * @param {CustomElementConstructor} constructor
 */
export function define(name, constructor) {
  if (!customElements.get(name)) customElements.define(name, constructor);
}

/** @type {Map<string, Promise<unknown>>} */
const styles = new Map(); // address → a promise of its stylesheet

/**
 * Load a stylesheet, once; fulfilled when it is in force.
 * @param {string} href
 */
export function loadStyle(href) {
  if (!styles.has(href)) {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    const loading = new Promise((done, failed) => Object.assign(link, { onload: done, onerror: () => failed(new NotLoaded(href)) }));
    document.head.append(link);
    styles.set(href, loading.catch((error) => {
      styles.delete(href); // the next call tries again
      link.remove();
      throw error;
    }));
  }
  return styles.get(href);
}

/**
 * True where typing means text, so that single-letter shortcuts must not act. A check box takes none: letters go on to work beside it.
 * @param {EventTarget | null} target
 */
export function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select"));
}

/** True if the user wants little motion. */
export function wantsCalm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * Make the children of `parent` those of `items`, in order, reusing the element of a key that stays.
 * `make(item)` returns a new element; `update(element, item)` is called for every one, new or reused.
 * @template Item
 * @template {Element} El
 * @param {Element} parent
 * @param {readonly Item[]} items
 * @param {(item: Item) => string} keyOf
 * @param {(item: Item) => El} make
 * @param {(element: El, item: Item) => void} [update]
 */
export function keyed(parent, items, keyOf, make, update = () => {}) {
  const wanted = new Set(items.map(keyOf));
  /** @typedef {El & {keyedBy?: string}} Keyed */
  /** @type {Map<string | undefined, Keyed>} */
  const reused = new Map();
  // What goes goes first: else what stays would be moved in front of it, and moving an element takes the focus from it.
  for (const child of /** @type {(Keyed & {keyedBy: string})[]} */ ([...parent.children])) {
    if (wanted.has(child.keyedBy) && !reused.has(child.keyedBy)) reused.set(child.keyedBy, child);
    else child.remove();
  }
  let next = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = reused.get(key);
    if (child === undefined) {
      child = /** @type {Keyed} */ (make(item));
      child.keyedBy = key;
    }
    if (child === next) next = child.nextElementSibling;
    else parent.insertBefore(child, next);
    update(child, item);
  }
}

const SINGLE_KEYS = "single-keys";

/** True unless the user has switched off shortcuts of a single letter or sign: who speaks to the computer presses them unwillingly. */
export function areSingleKeysOn() {
  return remembered(SINGLE_KEYS) !== "off";
}

/** Switch them on or off. @param {boolean} isOn */
export function setSingleKeys(isOn) {
  remember(SINGLE_KEYS, isOn ? "on" : "off");
}

/**
 * Call `handlers[key](event)` for keys pressed outside of text fields, dialogs and menus, while `isActive()`; those of a single
 * letter or sign unless they are switched off. A handler that returns false leaves the key to others.
 * @param {Record<string, (event: KeyboardEvent) => unknown>} handlers
 */
export function listen(handlers, isActive = () => true) {
  document.addEventListener("keydown", (event) => {
    const handler = handlers[event.key];
    if (!handler || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.length === 1 && !areSingleKeysOn()) return;
    if (!isActive() || isTyping(event.target) || document.querySelector("dialog:modal, :popover-open")) return;
    if (handler(event) !== false) event.preventDefault();
  });
}

/**
 * A setting of this browser; null where there is none or storage is refused.
 * @param {string} name
 */
export function remembered(name) {
  try {
    return localStorage.getItem(`llm-service.${name}`);
  } catch {
    return null;
  }
}

/**
 * Store a setting in this browser, if it lets us.
 * @param {string} name
 * @param {string} value
 */
export function remember(name, value) {
  try {
    localStorage.setItem(`llm-service.${name}`, value);
  } catch {
    // Private windows may refuse storage; the setting then lasts as long as the page.
  }
}

/**
 * A list stored with `remember`; empty if there is none or it is not one.
 * @param {string} name
 * @returns {any[]}
 */
export function rememberedList(name) {
  try {
    const value = JSON.parse(remembered(name) ?? "null");
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
