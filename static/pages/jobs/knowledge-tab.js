/** Facts that a job has proposed: data until a person accepts them. */
import { count } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { address } from "../../lib/router.js";
import { state } from "../../ui/state.js";
/** @import {Fact, Job} from "../../lib/types.js" */

const ORDER = ["proposed", "accepted", "declined", "superseded"];

/** @param {Job} job @param {Fact[]} facts */
export function factsOf(job, facts) {
  if (facts.length === 0) {
    return state({ name: "no-facts", isPart: true, sign: "text", title: "No facts yet", text: html`A line of the log such as <code>FACT: the parser is in src/parse.py</code> proposes one.` });
  }
  const sorted = [...facts].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return html`<p class="hint">Agents wrote these. Other agents get a fact as knowledge only once you have accepted it.</p>
    <ol class="facts">${sorted.map((fact) => factOf(job, fact))}</ol>`;
}

/** @param {Job} job @param {Fact} fact */
function factOf(job, { id, text, status, is_confirmed: isConfirmed, digest, sources, tags }) {
  const answers = html`<div class="fact-answers"><button type="button" class="button" data-fact="${id}" data-digest="${digest}" data-answer="accept" data-testid="fact-accept">${icon("check")}Accept</button>
    <button type="button" class="button" data-fact="${id}" data-digest="${digest}" data-answer="decline" data-testid="fact-decline">Decline</button></div>`;
  return html`<li class="fact" data-testid="fact" data-status="${status}">
    <div><p class="fact-text" dir="auto">${text}</p><p class="fact-by">${sources.map((source) => sourceOf(job, source))}${tags.map((tag) => html`<span class="tag">${tag}</span>`)}
      ${status !== "proposed" && !isConfirmed ? html`<span class="chip warning" title="A file says so; nobody decided it here">only a file says so</span>` : null}</p></div>
    ${status === "proposed" || !isConfirmed ? answers : html`<span class="chip" data-fact-status="${status}">${status}</span>`}
  </li>`;
}

/** @param {Job} job @param {Fact["sources"][number]} source */
function sourceOf(job, { source, job: from, run, line }) {
  const there = line && from ? address({ page: "jobs", item: from, query: { ...(run ? { run } : {}), line: String(line) } }) : null;
  return html`<span>${source}${from && from !== job.id ? `, ${from}` : ""}${there ? html`, <a href="${there}">line ${count(line ?? 0)}</a>` : null}</span>`;
}
