/** Shapes of what the service says of one plan: types only, never loaded by the page. */
/** @import {PlanProgress, PlanRow, PlanTask, PlanTaskStatus} from "../../lib/types.js" */

/** @typedef {{mode: string, of: string, ids: string[], reason: string}} Constraint */
/** @typedef {{text: string, blocking: boolean, criteria: string[]}} Verification */
/** @typedef {{key: string, number: number | null, name: string, total: number, completed: number, percentage: number, progress: PlanProgress | null, notes: string[], constraints: Constraint[], verifications: Verification[], pipelineStart: string | null}} Phase */
/** @typedef {{time: string | null, plan: string, task: string, description: string, status: PlanTaskStatus}} Activity */
/** @typedef {{runId: string, startedAt: string | null, completedAt: string | null, tasksCompleted: number | null, tasksFailed: number | null}} PlanRun */
/** @typedef {{kind: string, text: string, tasks: string[], statements: {source: string, says: string, at: string | null}[]}} Disagreement */
/** @typedef {{phases: Phase[], tasks: PlanTask[], recentActivity: Activity[], runs: PlanRun[], createdAt: string | null, planFileAt: string | null, statusFileAt: string | null, disagreementList: Disagreement[], problemList: string[]}} PlanParts */
/** @typedef {PlanRow & PlanParts} Plan */

/** @typedef {{id: string, description: string, status: PlanTaskStatus, phase: string, layer: number, row: number, onCriticalPath: boolean}} GraphNode */
/** @typedef {{from: string, to: string, kind: "dependency" | "phase" | "sequential"}} GraphEdge */
/** @typedef {{phase: string, name: string, nodes: string[]}} GraphLayer */
/** @typedef {{nodes: GraphNode[], edges: GraphEdge[], layers: GraphLayer[], criticalPath: {tasks: string[], duration: number | null}, cycles: string[][], missing: {task: string, dependency: string}[]}} Graph */

/** @typedef {{taskId: string | null, path: string, size: number, modifiedAt: string}} FindingFile */
/** @typedef {{taskId: string, path: string, content: string, files: string[]}} Finding */

/** `status`: "crashed" if the registry says that it runs, and it does not; `said` is the registry's own word. @typedef {{id: string, plan: string, status: string, said: string | null, pid: number | null, mode: string | null, started_at: string | null, last_heartbeat: string | null, is_stale: boolean, is_alive: boolean, can_stop: boolean, why_not: string | null, run_id: string | null, worktree_path: string | null, log_file: string | null, project: string}} Orchestrator */
/** `needsApproval`: nothing is missing but that somebody approves the profile. @typedef {{orchestrators: Orchestrator[], control: boolean, start: {allowed: boolean, reason: string | null, profile: string, needsApproval: boolean}, problem: string | null}} Overview */
/** @typedef {{cpu_percent: number, cpu_s: number, memory_bytes: number, processes: number}} Usage */
/** @typedef {{orchestrator: Orchestrator, usage: Usage | null, runs: import("../../lib/types.js").Run[], staleAfterS: number}} OrchestratorDetails */
/** @typedef {{mode: "batch" | "continuous", tasks: string[], autonomous: boolean}} StartOrder */
/** @typedef {{success: boolean, message: string, orchestrator: {id?: string, pid?: number | null}}} Started */

/** A limit: where it comes from, and what a file of the workspace asked for in vain. @typedef {{value: number, origin: string, ignored: number | null}} Limit */
/** @typedef {{limits: {concurrentWorktrees: {current: number, max: number, canCreate: boolean}, diskSpace: {availableMB: number | null, requiredMB: number, sufficient: boolean}}, worktrees: {total: number, stale: number, abandoned: number}, warnings: string[], canCreateWorktree: boolean, orchestrators: {running: number}, system: {cpu_percent: number, memory: {total_bytes: number, available_bytes: number, percent: number}}, origins: Record<string, Limit>}} Resources */
/** @typedef {{worktree: string, kind: "hot" | "soft", file: string, lines: unknown}} Overlap */
/** @typedef {{name: string, path: string, branch: string | null, head: string | null, isMain: boolean, isLocked: boolean, planName: string | null, status: "active" | "stale" | "abandoned", age: {days: number | null, isStale: boolean}, lastActivityAt: string | null, lastCommit: {id: string, at: string, summary: string} | null, dirty: string[] | null, dirtyCount: number | null, ahead: number | null, behind: number | null, mainBranch: string | null, overlaps: Overlap[] | null, problem: string | null}} Worktree */
/** @typedef {{worktrees: Worktree[], summary: Record<string, number>, problem: string | null}} Worktrees */

/** A task changed its status; null: it was not there. @typedef {{time: string, task: string, previousStatus: PlanTaskStatus | null, status: PlanTaskStatus | null, source: "journal" | "status"}} Change */
/** Oldest first. @typedef {{changes: Change[], isComplete: boolean}} History */

export {};
