/** Cards of a lane under the headings of their agents, flattened into one list that can be virtual. */
/** Records with a head before each agent's; the cards of a folded agent are left out. Agents in alphabetical order. */
export function grouped(records, lane, isFolded) {
  const byAgent = new Map();
  for (const record of records) {
    const agent = record.agent ?? "";
    if (!byAgent.has(agent)) byAgent.set(agent, []);
    byAgent.get(agent).push(record);
  }
  const items = [];
  for (const agent of [...byAgent.keys()].sort()) {
    const members = byAgent.get(agent);
    const folded = isFolded(lane, agent);
    items.push(headOf(lane, agent, members.length, folded));
    if (!folded) for (const record of members) items.push(record);
  }
  return items;
}

// Keys begin with a character that no task id can contain, so that they never meet a card's.
function headOf(lane, agent, size, isFolded) {
  return { key: `\n${lane}\n${agent}`, isGroup: true, lane, agent, size, isFolded };
}
