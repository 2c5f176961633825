/** How a file is shown: as text, rendered, as a picture, or not at all. */
/** @import {Artifact} from "../../lib/types.js" */
/** @import {ViewChoice} from "./types.js" */
const PICTURES = new Set(["png", "jpg", "jpeg", "jfif", "gif", "webp"]); // what the service sends under its own type
const MOST_PICTURE_BYTES = 50_000_000;

/**
 * `[{name, label}]`: the views of a file; the first is the usual one.
 * @param {Artifact} artifact
 * @returns {ViewChoice[]}
 */
export function viewsOf(artifact) {
  const changes = { name: "diff", label: "Changes" };
  if (artifact.kind !== "file") return [{ name: "content", label: "Content" }];
  if (artifact.language === "markdown") {
    return [{ name: "content", label: "Rendered" }, { name: "source", label: "Source" }, changes];
  }
  if (isPicture(artifact)) return [{ name: "content", label: "Picture" }];
  if (isSvg(artifact)) return [{ name: "content", label: "Picture" }, { name: "source", label: "Source" }, changes];
  if (isNotebook(artifact)) return [{ name: "content", label: "Notebook" }, { name: "source", label: "Source" }, changes];
  return [{ name: "content", label: "Content" }, changes];
}

/**
 * True for a picture that a browser shows from its bytes alone.
 * @param {Artifact} artifact
 */
export function isPicture({ name, kind, size_bytes: size }) {
  return kind === "file" && size <= MOST_PICTURE_BYTES && PICTURES.has(name.slice(name.lastIndexOf(".") + 1).toLowerCase());
}

/** True for a picture that is text. @param {Artifact} artifact */
export const isSvg = ({ name, kind, size_bytes: size }) => kind === "file" && size <= MOST_PICTURE_BYTES && /\.svg$/i.test(name);

/** True for a notebook of Jupyter. @param {Artifact} artifact */
export const isNotebook = ({ name, kind }) => kind === "file" && /\.ipynb$/i.test(name);

/** True for what programs write line by line. @param {Artifact} artifact */
export const isLog = ({ name }) => /\.(?:log|out|err|trace)(?:\.\d+)?$/i.test(name);

/**
 * The message for something that is never opened.
 * @type {Record<"link" | "special", {sign: string, title: string, text: string}>}
 */
export const UNOPENED = {
  link: {
    sign: "link",
    title: "A link",
    text: "Links are shown and never followed: they could lead out of the project.",
  },
  special: {
    sign: "alert",
    title: "Not a file of bytes",
    text: "A pipe, socket or device: it is listed and never opened, since reading it could wait for ever or do something.",
  },
};
