/** Shapes of the artifacts page, beside those of lib/types.js: types only, never loaded by the page. */
/** @import {Artifact, ArtifactsLoading, FolderShown, Project} from "../../lib/types.js" */

/** @typedef {typeof import("./api.js")} Api */
/** What the address says of a project. @typedef {Partial<Record<"path" | "view" | "from" | "to" | "line" | "column" | "at" | "encoding" | "q" | "in" | "type" | "regex" | "case", string>>} PageQuery */
/** A step to a file or a line of it. @typedef {{path: string, line?: number | null, column?: number | null}} FileOpen */

// What the service answers: see api.js.

/** @typedef {{projects: Project[], root: {path: string, mode: string, error?: string}, loading: ArtifactsLoading | null}} ProjectsAnswer */
/** @typedef {{artifacts: Artifact[], counts: Record<string, number>, cursor: string | null}} ArtifactPage */

/**
 * A page of the lines of a file; `lines` of them are in `text`.
 * @typedef {object} Preview
 * @property {string} text
 * @property {number} from_line
 * @property {number} lines
 * @property {number | null} total_lines
 * @property {number | null} next_line
 * @property {number[]} clipped
 * @property {number[]} hidden
 */

/**
 * What is known of a page of a file, whatever is in it.
 * @typedef {object} PageFacts
 * @property {Artifact} artifact
 * @property {Preview} preview
 * @property {boolean} truncated
 * @property {boolean} encoding_guessed
 * @property {boolean} damaged
 * @property {number} size_bytes
 * @property {string | null} sha256
 * @property {number} versions
 */

/** @typedef {PageFacts & {binary: false, encoding: string}} TextAnswer */
/** @typedef {TextAnswer | (PageFacts & {binary: true, encoding: null})} FileAnswer */
/** A content that the user saw. @typedef {{sha256: string, time: string}} Seen */
/** @typedef {{sha256: string, seen_at: string, size_bytes: number, current: boolean}} Version */
/** @typedef {{versions: Version[], looked_at: Seen | null}} History */
/** @typedef {[start: number, end: number]} Span */
/** @typedef {{op: " " | "+" | "-", old: number | null, new: number | null, text: string, marks: Span[], clipped: boolean, column: number}} DiffLine */
/** @typedef {{old_start: number, old_lines: number, new_start: number, new_lines: number, lines: DiffLine[]}} Hunk */
/** @typedef {{kind: "lf" | "crlf" | "mixed" | "none", last_ended: boolean}} LineEnds */
/** @typedef {{sha256: string, size_bytes: number, seen_at: string | null, current: boolean, encoding: string, byte_order_mark: boolean}} DiffSide */

/**
 * @typedef {object} Diff
 * @property {DiffSide} from
 * @property {DiffSide} to
 * @property {Hunk[]} hunks
 * @property {number} added
 * @property {number} removed
 * @property {boolean} truncated
 * @property {boolean} coarse
 * @property {LineEnds} old_ends
 * @property {LineEnds} new_ends
 */

/** @typedef {{path: string, line: number, column: number, text: string, match: Span}} Hit */
/** @typedef {{files: number, bytes: number, hits: number, skipped: number, truncated: boolean, ms: number}} SearchProgress */
/** A line of the answer to a search: one of these. @typedef {{hit?: Hit, progress?: SearchProgress, done?: SearchProgress}} SearchLine */

/** A part of a long line. @typedef {{line: number, from_column: number, text: string, follows: boolean}} LinePart */
/** Where a link leads, and which path of its project that is. @typedef {{target: string, path: string | null}} LinkTarget */

// The tree.

/** What rows of all kinds have, or may have. @typedef {{key: string, depth: number, parent: string, path: string, name?: string, size?: number, place?: number, isOpen?: boolean, file?: Artifact}} RowPlace */
/** Which entry of its folder a row is. @typedef {{name: string, size: number, place: number}} RowEntry */
/** @typedef {RowPlace & RowEntry & FolderShown & {kind: "folder", isOpen: boolean}} FolderRow */
/** @typedef {RowPlace & RowEntry & {kind: "file", file: Artifact}} FileRow */
/** @typedef {RowPlace & RowEntry & {kind: "ignored"}} IgnoredRow */
/** @typedef {RowPlace & {kind: "more", shown: number, of: number}} MoreRow */
/** @typedef {RowPlace & {kind: "problem", message: string}} ProblemRow */
/** @typedef {RowPlace & {kind: "wait" | "empty"}} PlainRow */
/** A row of the tree: see tree-rows.js. @typedef {FolderRow | FileRow | IgnoredRow | MoreRow | ProblemRow | PlainRow} TreeRow */

// Searches.

/** @typedef {{key: string, kind: "found", path: string, file: Artifact}} FoundRow */
/** @typedef {{key: string, kind: "file", path: string, hits: number}} HitsRow */
/** @typedef {{key: string, kind: "hit", path: string, hit: Hit}} HitRow */
/** @typedef {{key: string, kind: "more"}} RestRow */
/** A row of what was found: see result-rows.js. @typedef {FoundRow | HitsRow | HitRow | RestRow} ResultRow */

/**
 * A search: content-search.js or name-search.js.
 * @typedef {object} Search
 * @property {ResultRow[]} rows
 * @property {Record<string, number> | null} counts
 * @property {boolean} isGoingOn
 * @property {string} summary
 * @property {() => Promise<unknown>} start
 * @property {() => void} more
 * @property {() => void} stop
 */

/** The element of a row, and what it shows. @typedef {HTMLElement & {state?: string}} RowElement */

// The file.

/** @typedef {{name: string, label: string}} ViewChoice */
/** A line as it is shown: see code-lines.js. @typedef {{number: number, text: string, isClipped: boolean}} CodeLine */
/** What is asked of a comparison. @typedef {{project: string, path: string, from: string | null, to: string | null, base: Seen | null, encoding: string | null, signal: AbortSignal}} DiffWanted */

/**
 * A file whose text is shown; `load` answers with a page of it.
 * @typedef {object} TextSource
 * @property {(query: {from_line?: number, end?: number}) => Promise<FileAnswer>} load
 * @property {(line: number, column: number) => Promise<LinePart>} loadLine
 * @property {() => Promise<string | null>} wholeText
 * @property {string | null} language
 * @property {number | null} lines
 * @property {boolean} isLog
 * @property {AbortSignal} signal
 */

export {};
