/** The frame of the table of calls: filters, export, heads, and the buttons that turn its pages. */
import { html, icon } from "../../lib/html.js";
import { panel } from "../../ui/panel.js";
import { sortHead } from "../../ui/sorting.js";
import { exportAddress } from "./api.js";
import { COLUMNS } from "./call-columns.js";

const FORMATS = [
  ["csv", "CSV, for a spreadsheet"],
  ["json", "JSON, one document"],
  ["jsonl", "JSON lines, one call a line"],
];

/** The table without its rows. */
export function frame() {
  return panel({
    name: "calls",
    title: "Calls",
    controls: html`<button type="button" class="button" popovertarget="export-menu" data-testid="export">${icon("file")}Export</button>
      <div class="popover export" id="export-menu" popover><h4>What is filtered, as</h4>
        <ul>${FORMATS.map(([format, label]) => html`<li><a data-format="${format}" data-testid="export-${format}" href="${exportAddress(format, {})}" download>${label}</a></li>`)}</ul></div>`,
    body: html`<calls-filters></calls-filters>
      <p class="hint sort-note" data-testid="sort-note" role="status" hidden></p>
      <p class="nothing">No call passes the filters.</p>
      <div class="table-box" tabindex="0" role="region" aria-label="Calls" hidden><table class="figures calls">
        <thead><tr>${COLUMNS.map((column) => sortHead({ ...column, title: `Sort all of them by ${column.label.toLowerCase()}` }))}</tr></thead>
        <tbody></tbody>
      </table></div>
      <nav class="pager" aria-label="Pages of calls" hidden>
        <button type="button" class="button newer" data-testid="calls-newer">Newer</button><span class="page-number" role="status"></span>
        <button type="button" class="button older" data-testid="calls-older">Older</button>
      </nav>`,
  });
}
