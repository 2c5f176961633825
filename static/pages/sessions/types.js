/** The shapes of the answers about sessions; docs/sessions.md explains them. All texts in them were written by agents. */

/** @typedef {{cost_usd: number | null, calls: number, unpriced: number, tokens: number, tasks: string[], jobs: string[], runs: string[]}} SessionCost */
/** @typedef {"working" | "permission" | "question" | "failed" | "idle" | "ended"} SessionState */

/**
 * @typedef {object} SessionRow
 * @property {string} id
 * @property {string} program
 * @property {string | null} agent
 * @property {string | null} title
 * @property {string} project
 * @property {string | null} folder
 * @property {string | null} branch
 * @property {string | null} model
 * @property {string | null} parent
 * @property {SessionState} state
 * @property {string} certainty
 * @property {string} rests_on
 * @property {string | null} question
 * @property {number | null} context
 * @property {number | null} window
 * @property {boolean} window_is_known
 * @property {string | null} started_at
 * @property {string} last_at
 * @property {number | null} bytes
 * @property {number} children
 * @property {string} counted_as the session of its calls
 * @property {SessionCost | null} cost
 */

/** @typedef {{sessions: SessionRow[], total: number, unseen: number, programs: string[], next_offset: number | null}} SessionPage */
/** @typedef {{path: string, kind: string, times: number, project: string | null, place: string | null}} FileTouched */
/** @typedef {{text: string, status: "pending" | "in_progress" | "completed"}} Todo */
/** @typedef {{time: string, cost_usd: number, tokens: number}} CostPoint */
/** @typedef {{tasks: {id: string, title: string, lane: string}[], jobs: {id: string, status: string, run: string | null}[], pipelines: {id: string, status: string}[]}} Links */

/**
 * @typedef {object} SessionDetail
 * @property {SessionRow} session
 * @property {string} log
 * @property {number} lines
 * @property {boolean} is_indexed
 * @property {number} prompts
 * @property {number} tool_calls
 * @property {number} broken_lines
 * @property {{name: string, uses: number}[]} tools
 * @property {FileTouched[]} files
 * @property {{items: Todo[], done: number, total: number, current: string | null} | null} todos
 * @property {SessionRow[]} children
 * @property {CostPoint[]} cost_points
 * @property {Links} links
 */

/** @typedef {"prompt" | "text" | "thinking" | "tool" | "result" | "note" | "meta" | "broken"} PartKind */
/** @typedef {{kind: PartKind, title: string, text: string, tool: string | null, call: string | null, is_error: boolean, agent: string | null, size: number, is_cut: boolean}} Part */
/** @typedef {{line: number, time: string | null, parts: Part[]}} Row */
/** @typedef {"conversation" | "all"} View */
/** @typedef {{view: View, first_row: number, rows: number, lines: number, settled_rows: number, bytes: number, generation: number, is_indexed: boolean, data: Row[]}} RowsAnswer */
/** @typedef {{row: number, line: number, kind: PartKind, time: string | null, text: string, ranges: [number, number][]}} Match */
/** @typedef {{view: View, rows: number, generation: number, matches: Match[], next_before: number | null}} MatchAnswer */

export {};
