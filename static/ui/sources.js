/** Where it comes from what agents do and what needs the reader, by name; and what may be said where nothing does. Pure. */

/** @type {Record<string, string>} */
const NAMES = {
  hooks: "Agents, by their hooks",
  calls: "Calls, by session logs",
  tasks: "Tasks",
  jobs: "Jobs",
  pipelines: "Pipelines",
  costs: "Budgets",
  orchestrators: "Orchestrators",
  artifacts: "Files",
};

/** @type {Record<string, string>} */
const PAGES = {
  hooks: "#/sessions",
  calls: "#/costs",
  tasks: "#/board",
  jobs: "#/jobs",
  pipelines: "#/pipelines",
  costs: "#/costs",
  orchestrators: "#/plans",
  artifacts: "#/artifacts",
};

/** Where that is shown of which a source speaks; null for one that is not known. @param {string} name */
export const sourceAddress = (name) => PAGES[name] ?? null;

/** The name of a source for people. @param {string} name */
export const sourceName = (name) => NAMES[name] ?? name;

/**
 * What is said where nothing is known to need the reader: that all is clear only if every source can tell. `sources` are those of
 * what needs the reader, which may be off.
 * @param {{name: string, is_on: boolean, text: string}[]} sources
 */
export function clearance(sources) {
  const off = sources.filter(({ is_on }) => !is_on);
  const isClear = sources.length > 0 && off.length === 0;
  return { isClear, title: isClear ? "All clear" : "Nothing is known to need you", off };
}
