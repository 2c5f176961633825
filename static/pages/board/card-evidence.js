/** What was found of a task's artefacts, on its card and above their list. */
import { plural } from "../../lib/format.js";
import { html, render } from "../../lib/html.js";
import { icon } from "../../lib/icons.js";

const SIGNS = { bad: "alert", good: "check", part: "file", none: "file", unknown: "clock" };

/** `{text, tone}`: "4 of 5 present, 1 empty, 1 not changed since the task began". `named` is how many the task names. */
export function evidenceWords(counts, lane, named) {
  if (!counts) return { text: `${plural(named, "artefact")}, not looked for yet`, tone: "unknown" };
  const { total, present, empty, missing, unchanged, refused } = counts;
  const isLacking = lane === "done" && missing > 0;
  const rest = [
    empty > 0 && `${empty} empty`,
    unchanged > 0 && `${unchanged} not changed since the task began`,
    refused > 0 && `${refused} not looked at`,
  ].filter(Boolean);
  const first = isLacking ? `Done, but ${missing} of ${plural(total, "artefact")} missing` : `${present} of ${total} present`;
  return { text: [first, ...rest].join(", "), tone: isLacking ? "bad" : toneOf(total, present, rest.length) };
}

/** Fill the place on a card; there is none on cards that have nothing to show. */
export function showEvidence(place, counts, { lane, counts: { artefacts } }) {
  if (!place) return;
  const { text, tone } = evidenceWords(counts, lane, artefacts);
  const title = `Artefacts: ${text}`;
  if (place.title === title && place.dataset.tone === tone) return;
  place.title = title;
  place.dataset.tone = tone;
  render(place, html`${icon(SIGNS[tone])}<span>${text}</span>`);
}

/** True if a card has a line for it. */
export function hasEvidence({ task, isDuplicate }) {
  return task.counts.artefacts > 0 && !isDuplicate && !task.error;
}

function toneOf(total, present, remarks) {
  if (present === 0) return "none";
  return present === total && remarks === 0 ? "good" : "part";
}
