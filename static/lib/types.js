/** Shapes of what the service sends and of what the modules share: types only, never loaded by the page. */

// Tasks.

/** @typedef {{lane: string, agent: string | null, path: string}} Location */
/** @typedef {{message: string, line: number | null, column: number | null, code: string}} TaskError */
/** @typedef {{artefacts: number, acceptance_criteria: number, dependencies: number, documents: number}} TaskCounts */
/** @typedef {{total: number, present: number, empty: number, missing: number, unchanged: number, refused: number}} EvidenceCounts */

/**
 * A task as lists, snapshots and events carry it.
 * @typedef {object} Task
 * @property {string} [host] of a task of another host: the id of its observer
 * @property {string} id
 * @property {string} key
 * @property {string} title
 * @property {string | null} agent
 * @property {string | null} status
 * @property {string} priority
 * @property {string} lane
 * @property {string} path
 * @property {string[]} tags
 * @property {string[]} dependencies
 * @property {string | null} created_at
 * @property {string | null} assigned_at
 * @property {string | null} started_at
 * @property {string | null} completed_at
 * @property {string | null} lane_since
 * @property {string} modified_at
 * @property {number} size_bytes
 * @property {string | null} batch
 * @property {string | null} milestone
 * @property {string | null} initiative
 * @property {string | null} specification
 * @property {string | null} mode
 * @property {string | null} estimated_hours
 * @property {TaskCounts} counts
 * @property {string[]} flags
 * @property {Location[]} duplicates
 * @property {number} duplicate_count
 * @property {string | null} copied_by
 * @property {TaskError | null} error
 * @property {{done: number, total: number} | null} checklist
 */

/**
 * One card: the file of a task. See stores/records.js.
 * @typedef {object} TaskRecord
 * @property {string} key
 * @property {string} id
 * @property {Task} task
 * @property {string} lane
 * @property {string | null} agent
 * @property {string} path
 * @property {boolean} isDuplicate
 * @property {string} [host] of a task of another host: the id of its observer
 * @property {number} changed_at
 * @property {number} created_at
 * @property {number} here_at
 * @property {boolean} isSeenToCome
 * @property {number} priorityRank
 * @property {string} sortTitle
 * @property {string} haystack
 * @property {number} titleEms
 */

/** `blockers` are the titles of those that are open, `missing` the ids of those that are not on the board: the first of them. @typedef {{total: number, met: number, open: number, unknown: number, blockers: string[], missing: string[]}} DependencyState */
/** @typedef {{all: boolean, changed: Set<string>, stale: Set<string>, fresh: Map<string, string>, seq: number | null}} BoardChanges */
/** The cards of a lane that pass the filters; `shown` is how many do, also while only the first of them are known. @typedef {{records: TaskRecord[], shown: number, total: number}} Column */
/** @typedef {[string, number]} Facet */
/** @typedef {{host: Facet[], agent: Facet[], priority: Facet[], status: Facet[], tag: Facet[], flag: Facet[]}} Facets */

// Files of projects.

/**
 * One file of a project.
 * @typedef {object} Artifact
 * @property {string} project
 * @property {string} path
 * @property {string} name
 * @property {string} type
 * @property {string | null} language
 * @property {number} size_bytes
 * @property {string} modified_at
 * @property {number | null} lines
 * @property {string | null} sha256
 * @property {string | null} workflow
 * @property {"file" | "link" | "special"} kind
 */

/**
 * @typedef {object} Project
 * @property {string} name
 * @property {number} files
 * @property {number} folders
 * @property {number} size_bytes
 * @property {number} lines
 * @property {number} uncounted
 * @property {number} lines_written
 * @property {number} lines_per_hour
 * @property {string | null} changed_at
 * @property {Record<string, number>} by_type
 * @property {string[]} workflow
 * @property {string[]} ignored
 * @property {string} root_mode
 */

/** @typedef {{name: string, path: string, files: number, changed_at: string | null}} FolderShown */
/** @typedef {{folders: FolderShown[], files: Artifact[], counts: Record<string, number>, cursor: string | null}} LevelPage */
/** @typedef {{files: number}} ArtifactsLoading */
/** @typedef {{projects: Project[], loading: ArtifactsLoading | null}} ArtifactsSnapshot */
/** @typedef {"created" | "updated" | "removed"} ChangeKind */
/** @typedef {{files: Map<string, {kind: ChangeKind, artifact: Artifact}>, folders: Set<string>, all: boolean, isCounted: boolean, isMoved: boolean}} ProjectChange */
/** @typedef {{key: number, time: string, project: string, kind: ChangeKind, path: string, artifact: Artifact, created?: undefined}} FileChange */
/** @typedef {{key: number, time: string, project: string, created: number, updated: number, removed: number, folders: string[], kind?: undefined}} BatchChange */
/** @typedef {FileChange | BatchChange} RecentChange */

// Calls and costs.

/** @typedef {{input: number, output: number, cache_read: number, cache_write: number}} Tokens */
/**
 * @template T
 * @typedef {{today: T, month: T, total: T}} Spans
 */
/** @typedef {Spans<number> & {unpriced_calls: number, calls: number, timezone: string}} CostSums */
/** @typedef {{cost_usd: number | null, calls: number, unpriced: number}} Amount */
/** `last_at` is when the last call was. @typedef {Amount & {last_at: string}} TaskCost */
/** @typedef {{model: string | null, provider: string | null, calls: number, tokens: number}} UnpricedModel */
/** @typedef {{calls: number, priced: number, reported: number, unpriced: number, unconfirmed: number, share: number | null, unpriced_models: UnpricedModel[]}} Coverage */
/** @typedef {{month_usd: number, low_usd: number, high_usd: number, days: number, method: string}} Forecast */
/** @typedef {"ok" | "warn" | "alert"} BudgetLevel */

/**
 * @typedef {object} Budget
 * @property {string} name
 * @property {"day" | "month"} period
 * @property {"all" | "agent" | "project"} scope
 * @property {string | null} subject
 * @property {number} limit_usd
 * @property {number} spent_usd
 * @property {number} share
 * @property {BudgetLevel} level
 * @property {number} unpriced_calls
 * @property {string} period_start
 * @property {boolean} stop_runs
 */

/**
 * What summaries, snapshots and events about costs have in common.
 * @typedef {object} CostFigures
 * @property {CostSums} costs
 * @property {Spans<number>} calls
 * @property {Spans<number>} unpriced
 * @property {Spans<number>} unconfirmed
 * @property {Spans<Tokens>} tokens
 * @property {Coverage} coverage
 * @property {Forecast | null} forecast
 */

/** @typedef {CostFigures & {by_task: Record<string, TaskCost>, budgets: Budget[], timezone: string}} CostSnapshot */
/** @typedef {CostFigures & {budgets: Budget[], timezone: string, flagged: Record<string, number>, problems: number, price_version: string}} CostSummary */

/**
 * One call of a model.
 * @typedef {object} Call
 * @property {string} invocation_id
 * @property {string} timestamp
 * @property {string | null} agent_name
 * @property {string | null} tool_name
 * @property {string | null} model_name
 * @property {string | null} provider
 * @property {string | null} task_id
 * @property {string | null} job_id
 * @property {string | null} run_id
 * @property {string | null} session_id
 * @property {string | null} project
 * @property {number} prompt_tokens
 * @property {number} completion_tokens
 * @property {number} cache_read_tokens
 * @property {number} cache_write_tokens
 * @property {number} cache_write_1h_tokens
 * @property {number} total_tokens
 * @property {number} web_searches
 * @property {string | null} service_tier
 * @property {string | null} inference_geo
 * @property {boolean} unconfirmed
 * @property {number | null} cost_usd
 * @property {string} cost_source
 * @property {number | null} latency_ms
 * @property {string} status
 * @property {string | null} error_message
 * @property {string | null} privacy_level
 * @property {string[]} flags
 */

// Jobs, runs and their logs.

/** @typedef {"pending" | "in_progress" | "completed" | "failed" | "cancelled" | "unknown"} JobStatus */
/** @typedef {{phase: string, started_at: string, finished_at: string | null}} PhaseTime */

/**
 * A job as lists, snapshots and events carry it.
 * @typedef {object} Job
 * @property {string} id
 * @property {string} project
 * @property {string | null} user
 * @property {string} specification
 * @property {string | null} profile
 * @property {JobStatus} status
 * @property {string} current_phase
 * @property {number | null} lines_written
 * @property {string | null} error_message
 * @property {boolean} output_ready
 * @property {string | null} queue_reason
 * @property {string | null} created_at
 * @property {string | null} started_at
 * @property {string | null} finished_at
 * @property {PhaseTime[]} phases
 * @property {string[]} runs
 * @property {number | null} exit_code
 * @property {number | null} exit_signal
 * @property {string | null} exit_reason
 * @property {number} [survivors] processes that go on though its shim was killed
 * @property {number | null} lines_per_hour
 * @property {number} log_lines
 * @property {number | null} cost_usd
 * @property {boolean} shared_lines
 * @property {number | null} todos_done
 * @property {number | null} todos_total
 * @property {string | null} current_todo
 * @property {string | null} waiting_for_input
 * @property {{status: string, type: string | null, resets_at: string | null, utilization: number | null, at: string} | null} [rate_limit]
 * @property {string | null} last_output_at
 * @property {string} file
 * @property {string | null} problem
 */

/** @typedef {{code: number | null, signal: number | null, finished_at: string, reason: string, message: string | null}} RunExit */
/** @typedef {{run_id: string, owner: string, profile: string, argv: string[], cwd: string, status: "starting" | "running" | "finished" | "unknown", attempt: number, folder: string, started_at: string, pid: number | null, exit: RunExit | null, log_bytes: number, survivors?: number}} Run */
/** @typedef {"debug" | "info" | "warning" | "error"} LogLevel */
/** Part of a line in a style of lib/ansi.js: first and last character (code points), style. @typedef {[number, number, string]} LogSpan */
/** @typedef {{run: string, job: string, seq: number, time: string | null, level: LogLevel, source: string, phase: string, message: string, raw: string, spans: LogSpan[], is_shown: boolean, is_folded: boolean}} LogLine */
/** @typedef {{id: string | number, text: string, source: string, severity: string | null, job: string | null, data: Record<string, any> | null, rests_on: string | null, is_recorded: boolean, origin?: string, created_at: string}} Insight */
/** `is_confirmed`: a person decided so here; else only a file says it. `digest` names the text. @typedef {{id: string, text: string, status: "proposed" | "accepted" | "declined" | "superseded", is_confirmed: boolean, digest: string, tags: string[], sources: {source: string, job: string | null, run: string | null, line: number | null}[], created_at: string}} Fact */

// Pipelines; docs/pipelines.md has the shapes. All texts in them were written by agents.

/** @typedef {"pending" | "running" | "success" | "failed" | "skipped" | "canceled"} StepStatus */
/** @typedef {"created" | "running" | "success" | "failed" | "canceled" | "broken"} PipelineStatus */

/**
 * A pipeline as lists, snapshots and events carry it.
 * @typedef {object} Pipeline
 * @property {string} id
 * @property {string | null} project
 * @property {string | null} pipeline_type
 * @property {string | null} ticket_id
 * @property {string | null} sprint_id
 * @property {string | null} branch
 * @property {string | null} triggered_by
 * @property {PipelineStatus} status
 * @property {boolean} is_stale
 * @property {string} created_at
 * @property {string | null} started_at
 * @property {string | null} finished_at
 * @property {string} updated_at
 * @property {string} active_at
 * @property {number | null} duration_s
 * @property {Record<string, StepStatus>} step_statuses
 * @property {number} jobs
 * @property {string} path
 * @property {{message: string, line: number | null, column: number | null, code: string} | null} problem
 */

/** @typedef {{rows: Pipeline[], total: number, counts: Partial<Record<PipelineStatus, number>>, stale_after_s: number}} PipelinesSnapshot */

/** @typedef {"completed" | "failed" | "in_progress" | "pending"} PlanStatus */
/** @typedef {PlanStatus | "skipped"} PlanTaskStatus */
/** @typedef {{total: number, completed: number, pending: number, in_progress: number, failed: number, skipped: number, percentage: number}} PlanProgress */

/**
 * A plan as the list shows it. `progress` is null without a status file.
 * @typedef {object} PlanRow
 * @property {string} name
 * @property {string} path
 * @property {string} title
 * @property {PlanStatus} status
 * @property {PlanProgress | null} progress
 * @property {string | null} currentPhase
 * @property {{id: string, description: string, startedAt: string | null} | null} currentTask
 * @property {{active: boolean, path: string | null} | null} worktree
 * @property {{running: boolean, pid: number | null} | null} orchestrator
 * @property {string | null} lastUpdatedAt
 * @property {boolean} [isCurrent] a file of the workspace calls it the current plan
 * @property {string} project
 * @property {number} findings
 * @property {number} disagreements
 * @property {number} problems
 */

/**
 * A task of a plan. `duration` is in milliseconds.
 * @typedef {object} PlanTask
 * @property {string} id
 * @property {string} phase
 * @property {string} description
 * @property {PlanTaskStatus} status
 * @property {string[]} dependencies
 * @property {string[]} dependents
 * @property {string | null} startedAt
 * @property {string | null} completedAt
 * @property {number | null} duration
 * @property {string | null} notes
 * @property {string | null} error
 * @property {string | null} findingsPath
 * @property {number} retryCount
 * @property {string | null} lastError
 * @property {unknown} executionConstraints
 * @property {number | null} line
 */

// Events. Each has its number, and its topic is the part of `type` before the dot, but for those about evidence.

/** @typedef {{seq: number, epoch: string, time: string}} EventHead */
/** @typedef {{task: Task, lane: string, previous_lane: string | null, previous_path: string | null, previous_key: string | null, agent: string | null, path: string, changed: string[]}} TaskFields */
/** @typedef {EventHead & TaskFields & {type: "task.created" | "task.assigned" | "task.completed" | "task.moved" | "task.updated" | "task.removed"}} PlainTaskEvent */
/** @typedef {EventHead & TaskFields & {type: "task.invalid", error: TaskError}} InvalidTaskEvent */
/** @typedef {PlainTaskEvent | InvalidTaskEvent} TaskEvent */
/** @typedef {EventHead & {type: "evidence.update", evidence: Record<string, EvidenceCounts | null>}} EvidenceEvent */
/** @typedef {EventHead & {type: "artifact.created" | "artifact.updated" | "artifact.removed", project: string, artifact: Artifact}} FileEvent */
/** @typedef {EventHead & {type: "artifact.moved", project: string, artifact: Artifact, previous_project: string, previous_path: string}} FileMovedEvent */
/** @typedef {EventHead & {type: "artifact.batch", project: string, listed: number, created: number, updated: number, removed: number, folders: string[], more_folders: boolean, sample: Artifact[], totals: Project | null}} BatchEvent */
/** @typedef {EventHead & {type: "artifact.ready", projects: number, files: number, load_ms: number}} ArtifactsReadyEvent */
/** @typedef {EventHead & {type: "telemetry.update", invocation: Partial<Call>, calls: number}} CallsEvent */
/** @typedef {EventHead & CostFigures & {type: "cost.update", by_task: Record<string, TaskCost>}} CostEvent */
/** @typedef {EventHead & {type: "cost.budget", budget: Budget, previous_level: BudgetLevel | null}} BudgetEvent */
/** @typedef {EventHead & Progress & {type: "service.progress"}} ProgressEvent */
/** @typedef {EventHead & {type: "service.ready", tasks: number, invalid: number, load_ms: number}} ReadyEvent */
/** @typedef {EventHead & Degraded & {type: "service.degraded"}} DegradedEvent */
/** @typedef {EventHead & {type: "service.recovered", root: string, mode: string}} RecoveredEvent */
/** About what waits for a person, of which the page asks then. @typedef {EventHead & {type: "need.opened" | "need.changed" | "need.closed" | "need.decided" | "need.summary"}} NeedEvent */
/** @typedef {EventHead & {type: "job.updated", job: Job}} JobEvent */
/** @typedef {EventHead & {type: "job.removed", id: string}} JobRemovedEvent */
/** @typedef {EventHead & {type: "job.phase", job: string, project?: string, phase: string, previous: string}} JobPhaseEvent */
/** @typedef {EventHead & {type: "job.progress", job: string, lines_written: number | null, lines_per_hour: number | null, log_lines: number, current_phase: string, last_output_at: string | null}} JobProgressEvent */
/** @typedef {EventHead & {type: "run.started" | "run.finished" | "run.survivors", run: Run, project?: string | null}} RunEvent */
/** Lines `from_seq` to `to_seq` of a run's log, but for those that were skipped. @typedef {EventHead & {type: "run.output", job: string, run: string, lines: LogLine[], generation: number, from_seq: number, to_seq: number, skipped: number}} OutputEvent */
/** @typedef {EventHead & Insight & {type: "insight.created"}} InsightEvent */
/** @typedef {EventHead & {type: "knowledge.updated", fact: Fact}} FactEvent */
/** @typedef {JobEvent | JobRemovedEvent | JobPhaseEvent | JobProgressEvent | RunEvent | OutputEvent | InsightEvent | FactEvent} AnyJobEvent */
/** @typedef {EventHead & {type: "plan.updated", plan: string, data: PlanRow, changes: number, skipped: number}} PlanEvent */
/** `detail` is null if the task is gone. @typedef {EventHead & {type: "plan.task_changed", plan: string, task: string, previousStatus: string | null, status: string | null, detail: PlanTask | null}} PlanTaskEvent */
/** @typedef {EventHead & {type: "plan.removed", plan: string}} PlanRemovedEvent */
/** @typedef {EventHead & {type: "plan.started" | "plan.stopped", plan: string, orchestrator: {id?: string, pid?: number | null} | null, reason: string}} PlanRunEvent */
/** @typedef {PlanEvent | PlanTaskEvent | PlanRemovedEvent | PlanRunEvent} AnyPlanEvent */
/** The log of a session was written to; null: it is gone. @typedef {EventHead & {type: "session.grew", session: string, parent: string | null, project: string, size_bytes: number | null}} SessionGrewEvent */
/** A session of an agent, as its hooks report it. @typedef {{id: string, client: string, agent: string | null, project: string, state: string, since: string, certainty: string, rests_on: string, text: string | null}} AgentSession */
/** @typedef {EventHead & {type: "agent.waiting" | "agent.resumed" | "agent.session", session: AgentSession}} SessionEvent */
/** What agents are at is different: the page asks for it. @typedef {EventHead & {type: "overview.changed", revision: number}} OverviewEvent */
/** @typedef {HostEvent | OverviewEvent | SessionGrewEvent | SessionEvent | AnyJobEvent | AnyPlanEvent | PipelineEvent | PipelineRemovedEvent | McpServerEvent | TaskEvent | EvidenceEvent | FileEvent | FileMovedEvent | BatchEvent | ArtifactsReadyEvent | CallsEvent | CostEvent | BudgetEvent | ProgressEvent | ReadyEvent | DegradedEvent | RecoveredEvent | NeedEvent} ServiceEvent */
/** @typedef {EventHead & {type: "mcp.server.started" | "mcp.server.stopped" | "mcp.server.health", server: {name: string, status: string, last_error: string | null}}} McpServerEvent */
/** @typedef {EventHead & {type: "pipeline.updated" | "pipeline.finished", pipeline: Pipeline}} PipelineEvent */
/** @typedef {EventHead & {type: "pipeline.removed", id: string, project: string | null}} PipelineRemovedEvent */

// The connection.

/** @typedef {{done: number, total: number}} Progress */
/** @typedef {{root: string, mode: string, reason: string}} Degraded */
/** @typedef {{epoch: string, seq: number}} Position */
/** @typedef {{epoch: string | null, seq: number | null}} MaybePosition */
/** @typedef {"in_sync" | "connecting" | "reconnecting" | "offline" | "loading" | "catching_up"} ConnectionState */

/**
 * What is known of the connection.
 * @typedef {object} ConnectionStatus
 * @property {ConnectionState} state
 * @property {Position | null} position
 * @property {Progress | null} loading
 * @property {number | null} latency_ms
 * @property {number | null} heard_at
 * @property {string | null} [server_version]
 * @property {string | null} [transport]
 */

/** @typedef {Position & {server_version: string, observer?: string, degraded?: Degraded[], loading: Progress | null}} Ack */
/** @typedef {{type: "ack", epoch: string, degraded: Degraded[]}} AckMessage */
/** @typedef {{type: "status"} & ConnectionStatus} StatusMessage */
/** What the connection gives to its worker. @typedef {AckMessage | StatusMessage | ({type: "snapshot"} & Snapshot) | {type: "event", event: ServiceEvent}} ConnectionMessage */
/** What the worker gives to the page. @typedef {AckMessage | StatusMessage | ({type: "snapshot"} & SnapshotHead) | {type: "portion", topic: string, items: unknown[]} | {type: "snapshot_end"} | {type: "events", events: ServiceEvent[]}} WorkerMessage */
/** @typedef {{members?: MembersSnapshot, hosts?: HostRow[], costs?: CostSnapshot | null, artifacts?: ArtifactsSnapshot, evidence?: Record<string, EvidenceCounts>, counts?: Record<string, unknown>, stale_after_s?: number, jobs?: Job[], plans?: PlanRow[], pipelines?: PipelinesSnapshot, overview?: import("../pages/now/types.js").Overview}} Topics */
/** @typedef {Position & Topics & {tasks?: Task[]}} Snapshot */
/** What is at the top of a snapshot. @typedef {Position & {counts: Record<string, number>, tasks: Task[]}} Preview */
/** A snapshot as it comes over HTTP: its tasks in portions, and all the rest. @typedef {{whole: Snapshot, portions: Task[][]}} Opening */
/** A snapshot whose large lists follow in portions. @typedef {Position & Topics & {portions: string[]}} SnapshotHead */
/** Of which host an event is, and its place in what that one says. @typedef {{observer: string, id?: string}} Origin */
/** An entity of another host. @typedef {{observer: string, collection: string, key: string, value: any}} HostRow */
/** A host of the board. All texts are its own: untrusted. @typedef {{observer: string, host: string, label: string, url: string | null, version: string, workspace: string, state: "live" | "as_of" | "unreachable", as_of: string | null, since: string, behind: number, degraded: Degraded[], refused: number, error: string | null, is_self: boolean}} Member */
/** The body of `/api/members`. @typedef {{self: string | null, board: string | null, journal: {ok: boolean, since: string | null, waiting: number, reason: string | null}, members: Member[]}} MembersSnapshot */
/** "host.event" stands for an event about another host, which the stores of this workspace never get; "host.reset" never comes through the connection. @typedef {EventHead & {type: "host.event" | "host.reset"}} HostEvent */
/** @typedef {{root: string, mode: string, error?: string}} Watcher */
/** The body of `/api/me`; `projects` null: all. @typedef {{name: string | null, role: "admin" | "user", projects: string[] | null, credits: number | null, users: boolean}} Me */
/** The body of `/health`. @typedef {{workspace: string, watchers: Watcher[], troubles?: Degraded[], journal?: {path: string | null}}} Health */

// The page.

/** @typedef {Partial<Record<"q" | "host" | "agent" | "priority" | "status" | "tag" | "flag" | "sort" | "group" | "shut" | "lanes" | "hide" | "fold" | "density", string>>} Filters */
/** A thing of another host. @typedef {{observer: string, kind: string, id: string, path: string | null}} There */

/** See lib/router.js. @typedef {{page: string, item: string | null, query: Record<string, string>, task: string | null, path: string | null, there: There | null, filters: Filters}} Route */

/**
 * @template T
 * @typedef {import("./signals.js").Signal<T>} Signal
 */

/**
 * What every page is given.
 * @typedef {object} Dashboard
 * @property {import("../stores/stores.js").Stores} stores
 * @property {Signal<Route>} route
 * @property {Signal<ConnectionStatus>} status
 * @property {Signal<Health | null>} health
 * @property {Signal<Degraded[]>} degraded
 */

/**
 * The element of a page; `head` is what it shows in the header of the window.
 * @typedef {HTMLElement & {head?: HTMLElement, setUp: (dashboard: Dashboard) => void, show: (route: Route) => void, hide?: () => void}} PageElement
 */

/** @typedef {{keys: string[], does: string}} Shortcut */

/**
 * What `pages/<name>/page.js` says of its page.
 * @typedef {object} Page
 * @property {string} name
 * @property {string} label
 * @property {string} key
 * @property {string[]} topics
 * @property {string[]} styles
 * @property {string[]} [earlierNames] of addresses that lead here too
 * @property {boolean} [hasActivity] the activity is shown beside it, unless the reader has closed it
 * @property {Shortcut[]} [shortcuts]
 * @property {(dashboard: Dashboard) => Promise<{tag: string, register: () => void}>} load
 * @property {(dashboard: Dashboard & {drawn: Promise<void>}) => unknown} [start]
 */

/** @typedef {{tone: "good" | "warn" | "bad", title: string, text: string, href?: string, key?: string}} Toast */
/** `count` is shown in the mark, and in the title of the window. @typedef {{tone: "warn" | "bad", label: string, count?: number}} PageMark */

/** Markup that html`...` has made. @typedef {ReturnType<typeof import("./html.js").html>} Markup */
/** The element of an item of a list, and what the list remembers of it. @typedef {HTMLElement & {keyedBy?: string, itemIndex?: number, placed?: string, focusTarget?: HTMLElement}} ListElement */
/** @typedef {"auto" | "light" | "dark"} Theme */
/** What `marked` has made of a block of text. @typedef {{type: string, raw: string, items?: {raw: string}[], ordered?: boolean, start?: number | "", tokens?: MarkdownToken[], meta?: any}} MarkdownToken */
/** @typedef {{label: string, content: MarkdownToken[], refs: object[]}} FootnoteToken */
/** What links and pictures of a file mean: an address, null where there is none. @typedef {{addressOf: (href: string) => string | null, pictureAt: (href: string) => string | null}} FileContext */

export {};
