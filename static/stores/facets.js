/** What can be filtered by, with how many cards each choice would show: read off the cards, nothing invented. */
import { priorityRank } from "./records.js";

/** `{agent, priority, status, tag, flag}`: each a list of `[value, count]` in reading order. */
export function facetsOf(board) {
  const found = { agent: new Map(), priority: new Map(), status: new Map(), tag: new Map(), flag: new Map() };
  for (const record of board.records.values()) {
    const { task } = record;
    add(found.agent, record.agent);
    add(found.priority, task.priority);
    add(found.status, task.status);
    for (const tag of task.tags) add(found.tag, tag);
    for (const flag of task.flags) add(found.flag, flag);
    if (record.isDuplicate) continue;
    if (board.isBlocked(task)) add(found.flag, "blocked");
    if (board.isLacking(task)) add(found.flag, "evidence_missing");
  }
  return {
    agent: [...found.agent].sort(byName),
    priority: [...found.priority].sort((a, b) => priorityRank(a[0]) - priorityRank(b[0]) || byName(a, b)),
    status: [...found.status].sort(byCount),
    tag: [...found.tag].sort(byCount).slice(0, 300),
    flag: [...found.flag].sort(byCount),
  };
}

function add(counts, value) {
  if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
}

function byName(a, b) {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

function byCount(a, b) {
  return b[1] - a[1] || byName(a, b);
}
