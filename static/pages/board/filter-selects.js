/** The selects of the filter bar: each offers what is on the board, with how many cards it would show. */
import { count, sentenceCase } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { FLAGS } from "./marks.js";

export const FACETS = [
  { name: "agent", label: "Filter by agent", any: "Agent" },
  { name: "priority", label: "Filter by priority", any: "Priority" },
  { name: "status", label: "Filter by status", any: "Status" },
  { name: "tag", label: "Filter by tag", any: "Tag" },
  { name: "flag", label: "Filter by flag", any: "Flag" },
];

const offered = new WeakMap(); // select → what it shows, so that it is made anew only when that changes

/** Offer `choices` (`[value, count]`) and select `chosen`, which is offered even when no card has it. */
export function fillSelect(select, name, any, choices, chosen) {
  const missing = chosen && !choices.some(([value]) => value === chosen);
  const all = missing ? [...choices, [chosen, 0]] : choices;
  const state = JSON.stringify([all, chosen]);
  // An open list that changes under the pointer is worse than one that is a moment old.
  const isOpen = select === document.activeElement && CSS.supports("selector(:open)") && select.matches(":open");
  if (offered.get(select) === state || (isOpen && select.value === chosen)) return;
  offered.set(select, state);
  render(
    select,
    html`<option value="">${any}</option>${all.map(
      ([value, size]) => html`<option value="${value}">${nameOf(name, value)} (${count(size)})</option>`,
    )}`,
  );
  select.value = chosen;
  select.toggleAttribute("data-active", chosen !== "");
}

function nameOf(facet, value) {
  if (facet === "flag") return FLAGS[value] ?? sentenceCase(value);
  return facet === "priority" ? sentenceCase(value) : value;
}
