/**
 * The one way from text to markup. html`...` escapes everything put into it, unless that is markup made by
 * html`...` itself; render() takes nothing else. Attributes are always written with quotes.
 */
/** @type {Record<string, string>} */
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

class Markup {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** @type {TrustedRules | undefined} */
let policy;

/** Made at first use: importing has no effect. The page's CSP allows this name only once. */
function trusted() {
  policy ??= globalThis.trustedTypes
    ? trustedTypes.createPolicy("llm-service", { createHTML: (text) => text, createScriptURL: ownScript })
    : { createHTML: (text) => text, createScriptURL: ownScript };
  return policy;
}

/** @param {string} path */
function ownScript(path) {
  const url = new URL(path, location.origin);
  if (url.origin !== location.origin || !url.pathname.endsWith(".js")) throw new TypeError("not a script of ours");
  return url.href;
}

/**
 * Text escaped for markup.
 * @param {unknown} value
 */
export function escaped(value) {
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character]);
}

/**
 * Markup with every value escaped. Arrays are joined; null, undefined and false leave nothing.
 * @param {TemplateStringsArray} strings
 * @param {unknown[]} values
 */
export function html(strings, ...values) {
  return new Markup(strings.reduce((text, string, index) => text + piece(values[index - 1]) + string));
}

/**
 * The bare attribute name if the flag is set, else nothing: html`<button ${flag(off, "disabled")}>`.
 * @param {unknown} isSet
 * @param {string} name
 */
export function flag(isSet, name) {
  return isSet ? new Markup(name) : null;
}

/**
 * Replace the content of an element by markup.
 * @param {Element} place
 * @param {Markup} markup
 */
export function render(place, markup) {
  place.innerHTML = trusted().createHTML(checked(markup).text);
}

/**
 * Markup as nodes that belong nowhere yet.
 * @param {Markup} markup
 */
export function fragment(markup) {
  const template = document.createElement("template");
  render(template, markup);
  return template.content;
}

/**
 * The single element that the markup describes.
 * @param {Markup} markup
 */
export function element(markup) {
  return /** @type {HTMLElement} */ (fragment(markup).firstElementChild);
}

/**
 * A worker of ours; its address passes through the same policy as our markup.
 * @param {string} path
 */
export function startWorker(path) {
  return new Worker(trusted().createScriptURL(path), { type: "module" });
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function piece(value) {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(piece).join("");
  return escaped(value);
}

/** @param {Markup} markup */
function checked(markup) {
  if (!(markup instanceof Markup)) throw new TypeError("only html`...` may become markup");
  return markup;
}

// Line icons on a 16 × 16 grid. They carry no meaning of their own: a text or a label is beside them.
/** @type {Record<string, string>} */
const ICONS = {
  activity: "M1.5 8.5h3l2-5.5 3.5 10 2-4.5h2.5",
  alert: "M8 2.2 14.6 13.6H1.4zM8 6.4v3.2M8 11.6v.1",
  arrow: "M3 8h10M9 4l4 4-4 4",
  back: "M13 8H3M7 4 3 8l4 4",
  broken: "M9 1.8H4.2v12.4h7.6V4.6zM9 1.8v2.8h2.8M6 9.2l4 3M10 9.2l-4 3",
  chevron: "m4.5 6.2 3.5 3.6 3.5-3.6",
  check: "m3 8.4 3.2 3.2L13 4.8",
  clock: "M8 4.6V8l2.2 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0",
  close: "m4 4 8 8M12 4l-8 8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  dot: "M10.4 8a2.4 2.4 0 1 1-4.8 0 2.4 2.4 0 0 1 4.8 0",
  diff: "M8 2.6v5.2M5.4 5.2h5.2M5.4 12.4h5.2",
  down: "M8 2.4v8M4.6 7.2 8 10.6l3.4-3.4M2.8 13.4h10.4",
  edit: "M9.8 3.6 12.4 6.2 5.6 13H3v-2.6zM8.4 5l2.6 2.6",
  eye: "M1.6 8C3.4 5 5.6 3.6 8 3.6S12.6 5 14.4 8c-1.8 3-4 4.4-6.4 4.4S3.4 11 1.6 8M10 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0",
  file: "M9 1.8H4.2v12.4h7.6V4.6zM9 1.8v2.8h2.8",
  filter: "M2 3.5h12M4.2 8h7.6M6.5 12.5h3",
  folder: "M1.8 12.8V3.2h4.4l1.6 2h6.4v7.6z",
  group: "M2 3h5v4.4H2zM9.4 4h4.6M9.4 6.6h3M2 9.6h5V14H2zM9.4 10.6h4.6M9.4 13.2h3",
  help: "M6 6.2a2 2 0 1 1 2.8 1.9c-.6.3-.8.7-.8 1.3M8 11.6v.1M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0",
  image: "M2 3h12v10H2zM2 11l3.6-3.4 2.8 2.6 2-1.8 3.6 3.2M10.8 6v.1",
  inbox: "M2 9h3.2l1 2h3.6l1-2H14M3.8 3h8.4L14 9v4H2V9z",
  link: "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.1-2.1a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.4 8.9a2.6 2.6 0 0 0 3.7 3.7l.8-.8",
  moon: "M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7",
  pause: "M5.6 4v8M10.4 4v8",
  play: "M5 3.4 12.2 8 5 12.6z",
  plus: "M8 3.2v9.6M3.2 8h9.6",
  search: "M11 7A4 4 0 1 1 3 7a4 4 0 0 1 8 0M10 10l3.6 3.6",
  stop: "M4 4h8v8H4z",
  sun: "M10.6 8A2.6 2.6 0 1 1 5.4 8a2.6 2.6 0 0 1 5.2 0M8 1.4v1.4M8 13.2v1.4M1.4 8h1.4M13.2 8h1.4M3.3 3.3l1 1M11.7 11.7l1 1M3.3 12.7l1-1M11.7 4.3l1-1",
  system: "M2 3h12v8H2zM5.6 13.6h4.8",
  table: "M2 3h12v10H2zM2 6.4h12M6.4 3v10",
  text: "M9 1.8H4.2v12.4h7.6V4.6zM9 1.8v2.8h2.8M6.2 7.6h3.6M6.2 10h3.6",
  trash: "M2.8 4.4h10.4M6.2 4.4V2.6h3.6v1.8M4.2 4.4l.6 9h6.4l.6-9",
  user: "M10.6 5.2a2.6 2.6 0 1 1-5.2 0 2.6 2.6 0 0 1 5.2 0M2.8 13.8c.6-2.8 2.6-4.2 5.2-4.2s4.6 1.4 5.2 4.2",
  wrap: "M2 3.6h12M2 8h9.6a2 2 0 0 1 0 4.4H8.4M10 10.6l-1.8 1.8L10 14.2M2 12.4h3",
  code: "M5.6 4.4 2 8l3.6 3.6M10.4 4.4 14 8l-3.6 3.6",
};

/**
 * One icon, hidden from screen readers.
 * @param {string} name
 */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="${ICONS[name]}"></path></svg>`;
}
