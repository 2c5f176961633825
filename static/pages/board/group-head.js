/** The heading of a group of cards, with its sums. */
import { one } from "../../lib/dom.js";
import { count, plural, sentenceCase } from "../../lib/format.js";
import { element, html, icon, render } from "../../lib/html.js";
import { agentMark } from "../../ui/agent-mark.js";
import { costText } from "../../ui/cost-text.js";
import { priorityMark } from "./marks.js";
/** @import {Sums} from "../../stores/swimlanes.js" */
/** @import {GroupHead, ItemElement} from "./types.js" */

/** An empty heading, to be filled by `showGroupHead`. */
export function groupHead() {
  const head = /** @type {ItemElement} */ (element(html`<div class="group-head" role="listitem">
    <button type="button" class="group-toggle" data-focus tabindex="-1">${icon("chevron")}<span class="group-name"></span><span class="group-count"></span><span class="group-sums"></span></button>
  </div>`));
  Object.defineProperty(head, "focusTarget", { get: () => head.firstElementChild });
  head.flash = () => {};
  return head;
}

/**
 * Fill a heading.
 * @param {ItemElement} head
 * @param {GroupHead} item
 * @param {string} group
 * @param {Map<string, string>} [hostNames]
 */
export function showGroupHead(head, { value, size, sums, isFolded }, group, hostNames = new Map()) {
  const button = head.focusTarget;
  button.dataset.group = value;
  button.dataset.testid = "group-head";
  button.setAttribute("aria-expanded", String(!isFolded));
  const name = one(head, ".group-name");
  const host = hostNames.get(value) ?? value;
  const shown = `${group} ${value} ${host}`;
  if (name.dataset.shown !== shown) {
    name.dataset.shown = shown;
    render(name, group === "host" ? html`<span dir="auto">${host || "This host"}</span>` : nameOf(group, value));
  }
  one(head, ".group-count").textContent = count(size);
  const place = one(head, ".group-sums");
  const texts = sums ? sumTexts(sums).join(" · ") : "";
  if (place.textContent !== texts) place.textContent = texts;
}

/**
 * What a group is called.
 * @param {string} group
 * @param {string} value
 */
function nameOf(group, value) {
  if (group === "agent") return agentMark(value || null);
  if (value === "") return html`<span class="agent is-none">No ${group === "tag" ? "tags" : group}</span>`;
  return group === "priority" ? priorityMark(value) : html`<span dir="auto">${value}</span>`;
}

/**
 * "3 inbox", "2 done", "$4.20", "5/9 checked", "1 stale": what there is to say of a group.
 * @param {Sums} sums
 */
function sumTexts({ byLane, cost, stale, checked }) {
  return [
    ...[...byLane].map(([lane, size]) => `${count(size)} ${sentenceCase(lane).toLowerCase()}`),
    cost && costText(cost).text,
    checked.total > 0 && `${count(checked.done)}/${count(checked.total)} checked`,
    stale > 0 && plural(stale, "stale", "stale"),
  ].filter(Boolean);
}
