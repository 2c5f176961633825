/** Small helpers around the DOM. */

/** Tell the parents what the user wants. */
export function emit(element, name, detail = {}) {
  element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}

/** Handle an event of any present or future descendant that matches `selector`: handler(event, match). */
export function delegate(root, type, selector, handler) {
  root.addEventListener(type, (event) => {
    const match = event.target instanceof Element && event.target.closest(selector);
    if (match && root.contains(match)) handler(event, match);
  });
}

/** Register a custom element; harmless when repeated. */
export function define(name, constructor) {
  if (!customElements.get(name)) customElements.define(name, constructor);
}

/** True where typing means text, so that single-letter shortcuts must keep quiet. */
export function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/** True if the user wants little motion. */
export function wantsCalm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Copy text; true if that worked. Without the clipboard API (plain http on another host) a selection does it. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "off-screen";
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

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
