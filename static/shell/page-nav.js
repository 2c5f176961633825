/** The pages, one of which is current. A page may carry a mark: `mark(name, {tone, label})`. */
import { define } from "../lib/dom.js";
import { html, render } from "../lib/html.js";
import { PLACES } from "../pages/index.js";
import { address } from "../lib/router.js";

export class PageNav extends HTMLElement {
  connectedCallback() {
    render(this, frame());
  }

  /** Show the route `{place, rest, query, filters}`: its page is current, and each entry leads back to where it was left. */
  set route(route) {
    for (const link of this.querySelectorAll("a")) {
      const isCurrent = link.dataset.leads === route.place;
      if (isCurrent) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      if (isCurrent || link.dataset.leads === "board") {
        link.href = address({ ...route, place: link.dataset.leads, task: null });
      }
    }
  }

  /** Point out that something on a page wants to be seen; null takes the mark away. `tone` is "warn" or "bad". */
  mark(name, sign) {
    const mark = this.querySelector(`a[data-leads="${CSS.escape(name)}"] .nav-mark`);
    if (!mark) return;
    mark.hidden = sign === null;
    mark.dataset.tone = sign?.tone ?? "";
    mark.title = sign?.label ?? "";
    render(mark, html`${sign ? html`<span class="off-screen">${sign.label}</span>` : null}`);
  }
}

/** Make the element known. */
export function register() {
  define("page-nav", PageNav);
}

function frame() {
  return html`<nav aria-label="Pages">
    ${PLACES.map(
      ({ name, label, key }) =>
        html`<a href="#/${name}" data-leads="${name}" data-testid="nav-${name}" title="${label} (${key})">${label}<span class="nav-mark" hidden></span></a>`,
    )}
  </nav>`;
}
