import assert from "node:assert/strict";
import { test } from "node:test";
import { nextChange_ms } from "../../static/pages/agents/next-change.js";
import { kindOfStatus } from "../../static/pages/board/status-kind.js";

test("agents are asked for again when a state or the day ends, by the service's clock", () => {
  const time = "2026-03-10T12:00:00.000Z";
  const next = (untils, today_ends_at = null) =>
    nextChange_ms({ time, today_ends_at, agents: untils.map((state_until) => ({ state_until })) });
  assert.equal(next([]), null);
  assert.equal(next([null, null]), null);
  assert.equal(next(["2026-03-10T12:09:00.000Z", null, "2026-03-10T12:05:00.000Z"]), 300_001);
  assert.equal(next([null], "2026-03-10T12:00:30.000Z"), 30_001);
  assert.equal(next(["2026-03-10T11:59:00.000Z"]), 1_000); // not at once, again and again
  assert.equal(next(["2026-03-19T12:00:00.000Z"]), 3_600_000);
});

test("a status has a mark of its kind, in any spelling; what is not known has the plain one", () => {
  for (const word of ["in_progress", "In Progress", "WIP", "doing", "in-dev"]) assert.equal(kindOfStatus(word), "active", word);
  for (const word of ["done", "Completed", "merged", "cancelled"]) assert.equal(kindOfStatus(word), "done", word);
  for (const word of ["blocked", "in_review", "on hold", "needs_info", "Pending"]) assert.equal(kindOfStatus(word), "waiting", word);
  for (const word of ["error", "failed", "timed_out", "stuck"]) assert.equal(kindOfStatus(word), "bad", word);
  for (const word of ["new", "assigned", "schön", "", "donezo"]) assert.equal(kindOfStatus(word), "plain", word);
});
