/** States of agents as they are shown, each with a sign of its own: the colour says nothing that the sign does not. Pure. */
/** @import {Agent, SourceName, StateName} from "./types.js" */

/** In the order in which they concern the reader. @type {{name: StateName, label: string, sign: string, counted: string}[]} */
export const STATES = [
  { name: "waiting", label: "Waits for you", sign: "pause", counted: "waiting for you" },
  { name: "stuck", label: "Stuck", sign: "alert", counted: "stuck" },
  { name: "working", label: "Working", sign: "play", counted: "working" },
  { name: "unknown", label: "Cannot tell", sign: "help", counted: "cannot tell" },
  { name: "idle", label: "Idle", sign: "dot", counted: "idle" },
  { name: "finished", label: "Finished", sign: "check", counted: "finished" },
];

/** @type {Record<SourceName, string>} */
export const RESTS_ON = {
  hook: "by its hook",
  run: "by its run",
  report: "by its report",
  registry: "by the registry",
  "session log": "by its calls",
  "task file": "by its task file",
  nothing: "by nothing",
};

/** @type {Record<string, string>} */
export const SIGNS_OF_LIFE = {
  hook: "a hook",
  call: "a call",
  output: "output of its job",
  report: "a report of its pipeline",
  heartbeat: "a heartbeat",
  files: "a file of its project",
  file: "its task file",
  lane: "a task came to its lane",
};

/**
 * The state of a name; one that this page does not know is shown by its name.
 * @param {string} name
 */
export function stateOf(name) {
  return STATES.find((each) => each.name === name) ?? { name, label: name, sign: "help", counted: name };
}

/**
 * The agents in a state with all that is below them and above them; null: all. Each has its depth, from 0.
 * @param {Agent[]} agents each before what is below it
 * @param {string | null} state
 * @returns {{agent: Agent, depth: number}[]}
 */
export function shownRows(agents, state) {
  const byId = new Map(agents.map((agent) => [agent.id, agent]));
  const above = (/** @type {Agent} */ agent) => {
    const found = [];
    for (let next = agent.parent; next !== null && byId.has(next) && found.length < 8; next = byId.get(next)?.parent ?? null) found.push(next);
    return found;
  };
  const wanted = new Set(agents.filter((agent) => state === null || agent.state === state).flatMap((agent) => [agent.id, ...above(agent)]));
  return agents.filter(({ id }) => wanted.has(id)).map((agent) => ({ agent, depth: above(agent).length }));
}

/**
 * How many agents are in each state that has any.
 * @param {Partial<Record<string, number>>} states
 */
export function stateCounts(states) {
  return STATES.filter(({ name }) => states[name]).map(({ name, counted }) => ({ name, counted, size: states[name] ?? 0 }));
}
