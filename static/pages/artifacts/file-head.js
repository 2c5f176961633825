/** The head of a file: its path, what is known of it, its views, and what can be done with it. */
import { age, bytes, count, moment, plural } from "../../lib/format.js";
import { html, icon } from "../../lib/html.js";
import { parentOf } from "../../lib/paths.js";
import { timeAgo } from "../../ui/age.js";
import { tabBar } from "../../ui/tabs.js";
import { rawAddress } from "./api.js";
import { encodingSelect } from "./encodings.js";
import { fileIcon } from "./labels.js";

/** @import {Artifact} from "../../lib/types.js" */
/** @import {FileAnswer, Seen, ViewChoice} from "./types.js" */

/**
 * The head of a file and the empty place of its body; `views` are those that the file has.
 * @param {{project: string, artifact: Artifact, views: ViewChoice[]}} file
 */
export function fileFrame({ project, artifact, views }) {
  return html`${head({ project, artifact, views })}<div class="file-body" id="file-body" role="tabpanel" tabindex="0" aria-label="${artifact.name}"></div>`;
}

/** @param {{project: string, artifact: Artifact, views: ViewChoice[]}} file */
function head({ project, artifact, views }) {
  const { path, name } = artifact;
  const folder = parentOf(path);
  return html`<header class="file-head">
    <div class="file-title">
      <button type="button" class="button icon-button to-files back" data-testid="to-files" aria-label="Back to the files" title="Back to the files">${icon("back")}</button>
      <h2 title="${path}">${fileIcon(artifact)}<span class="file-path">${folder ? html`<span class="file-folder" dir="auto">${folder}/</span>` : null}<span class="file-name" dir="auto">${name}</span></span></h2>
      <div class="file-actions">
        <button type="button" class="button icon-button wrap" data-testid="wrap" aria-pressed="false" title="Wrap long lines" aria-label="Wrap long lines">${icon("wrap")}</button>
        <button type="button" class="button copy" data-text="${path}" data-testid="copy-path" title="Copy the path">${icon("copy")}<span class="button-text">Copy path</span><span class="copy-result" role="status"></span></button>
        ${artifact.kind === "file" ? html`<a class="button" download="${name}" href="${rawAddress(project, path, true)}" data-testid="download" title="Download the file">${icon("down")}<span class="button-text">Download</span></a>` : null}
        <button type="button" class="button icon-button to-files close-file" data-testid="close-file" aria-label="Close the file" title="Close the file">${icon("close")}</button>
      </div>
    </div>
    <div class="file-line">
      ${tabBar({ label: "Views of the file", tabs: views, prefix: "view", panel: "file-body" })}
      <p class="file-facts" data-testid="file-facts"></p>
    </div>
    <p class="file-notice" role="status" data-testid="file-news" hidden></p>
  </header>`;
}

/**
 * What is known of a file, in one line; `encoding` is the one that was chosen.
 * @param {Artifact} artifact
 * @param {FileAnswer | null} answer
 * @param {string | undefined} encoding
 */
export function facts(artifact, answer, encoding) {
  const { type, language, size_bytes: size, lines, kind, modified_at: modified } = artifact;
  const parts = [
    kind === "file" ? (language ?? type) : null,
    lines !== null && kind === "file" ? plural(lines, "line") : null,
    kind === "file" ? html`<span title="${count(size)} bytes">${bytes(size)}</span>` : null,
    answer ? encodingSelect(answer, encoding) : null,
    answer && answer.versions > 1 ? html`<span title="Stored contents">${plural(answer.versions, "version")}</span>` : null,
  ].filter(Boolean);
  return html`${parts.map((one) => html`<span>${one}</span>`)}<span>changed ${timeAgo(modified)}</span>`;
}

/**
 * What a reader has to know about what is shown of a file: null for nothing. `base` is what the user saw before, `movedFrom`
 * where the file was then.
 * @param {FileAnswer | null} answer
 * @param {{base: Seen | null, movedFrom: string | null}} before
 */
export function noticeOf(answer, { base, movedFrom }) {
  const parts = answer ? warnings(answer) : [];
  if (movedFrom) parts.unshift(`Moved: it was ${movedFrom} until now.`);
  const isOther = base && base.sha256 !== answer?.sha256;
  if (!isOther && parts.length === 0) return null;
  const change = html`<span>Changed since you saw it ${since(base?.time)}.</span> <button type="button" class="link see-changes" data-testid="see-changes">See what changed</button>`;
  return html`${isOther ? change : null}${parts.map((text) => html`<span class="file-warning">${text}</span>`)}`;
}

/** @param {FileAnswer} answer */
function warnings({ preview, damaged, encoding }) {
  const { hidden } = preview;
  return [
    hidden.length > 0 &&
      `${plural(hidden.length, "line")} with characters that are not seen or turn the direction of writing; they are marked.`,
    damaged && encoding && `Some bytes are not ${encoding.toUpperCase()} and are shown as \uFFFD.`,
  ].filter((text) => typeof text === "string");
}

/** @param {string | undefined} time */
function since(time) {
  const text = age(moment(time));
  return text === "now" ? "a moment ago" : `${text} ago`;
}
