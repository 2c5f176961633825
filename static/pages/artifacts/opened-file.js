/** A file that is open: what the service answered about it, and which of its contents the user saw before. */
import { isPicture } from "./file-kinds.js";

const CONTEXT = 30; // lines before the one that the address names

export class OpenedFile {
  project;
  path;
  query;
  state = "opening"; // then "open", "missing", "gone" or "failed"
  artifact = null; // as it is known now
  answer = null; // what was read of it; null for what is no text by its kind
  base = null; // {sha256, time} of the content that the user saw before, if that was another
  view = null;
  #api;
  #markedSha256 = null; // the SHA-256 of what the service knows to be seen

  /** `api` are the calls of live/artifact-api.js; `query` is that of the address. */
  constructor(api, { project, path, query }) {
    this.#api = api;
    Object.assign(this, { project, path, query });
  }

  /** Read the first page of a text, and which content of it was looked at before. */
  async read(signal) {
    const { project, path, artifact, query } = this;
    if (artifact.kind !== "file" || isPicture(artifact)) return;
    const from_line = query.view === "diff" ? 1 : Math.max(1, lineOf(query) - CONTEXT);
    const [answer, history] = await Promise.all([
      this.#api.getFile(project, { path, from_line }, signal),
      this.#api.getVersions(project, path, signal),
    ]);
    Object.assign(this, { answer, artifact: answer.artifact });
    const looked = history.looked_at;
    if (looked && answer.sha256 && looked.sha256 !== answer.sha256 && !answer.binary) this.base = looked;
  }

  /** It was read again: what was shown until now is what the user saw before. */
  readAgain(before) {
    if (before.sha256 && !before.binary) this.base ??= { sha256: before.sha256, time: new Date().toISOString() };
  }

  /** Record that what is shown was seen: only a marker, so a failure is ignored. */
  look() {
    const { answer, project, path } = this;
    if (document.hidden || !answer?.sha256 || answer.binary || this.#markedSha256 === answer.sha256) return;
    this.#markedSha256 = answer.sha256;
    this.#api.markLooked(project, path, answer.sha256).catch(() => {});
  }

  /** Take what the tree knows of it; true if it was written since it was read. */
  take(artifact) {
    const read = this.answer?.artifact ?? this.artifact;
    this.artifact = artifact;
    return differs(read, artifact);
  }

  /** True if it was written since it was read. */
  get isOld() {
    return this.answer !== null && differs(this.answer.artifact, this.artifact);
  }
}

/** The line that a query names; 1 without one. */
export function lineOf({ line }) {
  const number = Number.parseInt(line ?? "1", 10);
  return Number.isSafeInteger(number) && number > 0 ? number : 1;
}

function differs(old, now) {
  const isOther = old.sha256 && now.sha256 && old.sha256 !== now.sha256;
  return isOther || old.modified_at !== now.modified_at || old.size_bytes !== now.size_bytes || old.kind !== now.kind;
}
