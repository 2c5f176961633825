/** The REST calls of the artifacts page. Each throws an `ApiError` whose message can be shown. */
import { jsonLines } from "../../lib/json-lines.js";
import { ApiError, get } from "../../live/http.js";

/** `{projects, root, loading}`. */
export const getProjects = (signal) => get("/api/projects", signal);

/** `{artifacts, counts, cursor}` of `{project, type, q, under, limit, cursor}`. */
export const getArtifacts = (wanted, signal) => get(`/api/artifacts${query(wanted)}`, signal);

/** One page of a folder: `{folders, files, counts, cursor}`. */
export const getLevel = (project, wanted, signal) => get(`${base(project)}/tree${query(wanted)}`, signal);

/** `{artifact, preview, truncated, encoding, binary, versions}`: a page of a file from a line on. */
export const getFile = (project, wanted, signal) => get(`${base(project)}/file${query(wanted)}`, signal);

/** `{versions, looked_at}`: what the file was. */
export const getVersions = (project, path, signal) => get(`${base(project)}/versions${query({ path })}`, signal);

/** The difference between two versions of a file: `{path, from, to}`. */
export const getDiff = (project, wanted, signal) => get(`${base(project)}/diff${query(wanted)}`, signal);

/** The address of a file's bytes; with `download` they come as an attachment. */
export function rawAddress(project, path, download = false) {
  return `${base(project)}/file${query({ path, raw: 1, download: download ? 1 : null })}`;
}

/** The bytes of a file as a blob. */
export async function getBlob(project, path, signal) {
  const response = await answer(rawAddress(project, path), { signal });
  return response.blob();
}

/** Note that somebody looks at a content of a file. */
export async function markLooked(project, path, sha256) {
  await answer(`${base(project)}/looked${query({ path, sha256 })}`, { method: "POST" });
}

/** Hits in the contents of files as they are found: `{hit}`, `{progress}`, at last `{done}`. */
export async function* searchContents(project, wanted, signal) {
  yield* jsonLines(await answer(`${base(project)}/search${query(wanted)}`, { signal }));
}

async function answer(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new ApiError("The service cannot be reached.", "UNREACHABLE", 0);
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  const message = body?.error ?? `The service answered ${response.status} ${response.statusText}.`;
  throw new ApiError(message, body?.code ?? "NO_JSON", response.status);
}

function base(project) {
  return `/api/artifacts/${encodeURIComponent(project)}`;
}

function query(values) {
  const told = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return told.length ? `?${new URLSearchParams(told)}` : "";
}
