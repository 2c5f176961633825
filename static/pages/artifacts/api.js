/** The REST calls of the artifacts page; what goes wrong is an `HttpError`. */
import { jsonLines } from "../../lib/json-lines.js";
import { getJson, request, urlOf } from "../../live/http.js";

/** @import {LevelPage} from "../../lib/types.js" */
/** @import {Query} from "../../live/http.js" */
/** @import {ArtifactPage, Diff, FileAnswer, History, LinePart, LinkTarget, ProjectsAnswer, SearchLine} from "./types.js" */

/**
 * `{projects, root, loading}`.
 * @param {AbortSignal} [signal]
 * @returns {Promise<ProjectsAnswer>}
 */
export const getProjects = (signal) => getJson("/api/projects", {}, signal);

/**
 * `{artifacts, counts, cursor}` of `{project, type, q, under, limit, cursor}`.
 * @param {Query} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<ArtifactPage>}
 */
export const getArtifacts = (query, signal) => getJson("/api/artifacts", query, signal);

/**
 * One page of a folder: `{folders, files, counts, cursor}`.
 * @param {string} project
 * @param {Query} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<LevelPage>}
 */
export const getLevel = (project, query, signal) => getJson(`${base(project)}/tree`, query, signal);

/**
 * `{artifact, preview, truncated, encoding, binary, versions}`: a page of a file from a line on.
 * @param {string} project
 * @param {Query} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<FileAnswer>}
 */
export const getFile = (project, query, signal) => getJson(`${base(project)}/file`, query, signal);

/**
 * `{versions, looked_at}`: the stored contents of a file.
 * @param {string} project
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<History>}
 */
export const getVersions = (project, path, signal) => getJson(`${base(project)}/versions`, { path }, signal);

/**
 * The difference between two versions of a file: `{path, from, to}`.
 * @param {string} project
 * @param {Query} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<Diff>}
 */
export const getDiff = (project, query, signal) => getJson(`${base(project)}/diff`, query, signal);

/**
 * The part of a line around a column: `{path, line, column, encoding}`.
 * @param {string} project
 * @param {Query} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<LinePart>}
 */
export const getLine = (project, query, signal) => getJson(`${base(project)}/line`, query, signal);

/**
 * Where a file is that was moved: `{project, path}`, null if that is not known.
 * @param {string} project
 * @param {string} path
 * @returns {Promise<{project: string, path: string} | null>}
 */
export async function getMoved(project, path) {
  return (await getJson(`${base(project)}/moved`, { path })).moved_to;
}

/**
 * Where a link leads.
 * @param {string} project
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<LinkTarget>}
 */
export const getLink = (project, path, signal) => getJson(`${base(project)}/link`, { path }, signal);

/**
 * The address of a picture for an `img`, also of an SVG; `version` makes it another one when the file has changed.
 * @param {string} project
 * @param {string} path
 */
export function pictureAddress(project, path, version = "") {
  return urlOf(`${base(project)}/file`, { path, picture: 1, stamp: version });
}

/**
 * The address of a file's bytes; with `download` they are sent as an attachment.
 * @param {string} project
 * @param {string} path
 */
export function rawAddress(project, path, download = false) {
  return urlOf(`${base(project)}/file`, { path, raw: 1, download: download ? 1 : null });
}

/**
 * The bytes of a file as a blob.
 * @param {string} project
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
export async function getBlob(project, path, signal) {
  return (await request(rawAddress(project, path), { signal })).blob();
}

/**
 * Record that the user has seen a content of a file.
 * @param {string} project
 * @param {string} path
 * @param {string} sha256
 */
export async function markLooked(project, path, sha256) {
  await request(`${base(project)}/looked`, { query: { path, sha256 }, method: "POST" });
}

/**
 * Hits in the contents of files as they are found: `{hit}`, `{progress}`, at last `{done}`.
 * @param {string} project
 * @param {Query} query
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<SearchLine>}
 */
export async function* searchContents(project, query, signal) {
  yield* jsonLines(await request(`${base(project)}/search`, { query, signal }));
}

/** @param {string} project */
function base(project) {
  return `/api/artifacts/${encodeURIComponent(project)}`;
}
