/** The heading of one agent's cards within a lane; pressing it folds them. */
import { count } from "../../lib/format.js";
import { element, html } from "../../lib/html.js";
import { icon } from "../../lib/icons.js";
import { agentMark } from "./marks.js";

/** An empty heading, to be filled by `showGroupHead`. */
export function groupHead() {
  const head = element(html`<div class="group-head" role="listitem">
    <button type="button" class="group-toggle" data-focus tabindex="-1">${icon("chevron")}<span class="group-name"></span><span class="group-count"></span></button>
  </div>`);
  Object.defineProperty(head, "focusTarget", { get: () => head.firstElementChild });
  head.flash = () => {};
  return head;
}

/** Fill a heading: `{agent, lane, size, isFolded}`. */
export function showGroupHead(head, { agent, lane, size, isFolded }) {
  const button = head.firstElementChild;
  button.dataset.group = agent;
  button.dataset.lane = lane;
  button.setAttribute("aria-expanded", String(!isFolded));
  const name = head.querySelector(".group-name");
  if (name.dataset.agent !== agent) {
    name.dataset.agent = agent;
    name.replaceChildren(element(agentMark(agent || null)));
  }
  head.querySelector(".group-count").textContent = count(size);
}
