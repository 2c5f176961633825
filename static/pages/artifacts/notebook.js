/** What is in a notebook of Jupyter (nbformat 4, and 3 as far as it is the same), whoever wrote it. Pure functions. */

/** @typedef {{kind: "text", text: string} | {kind: "html" | "markdown", text: string} | {kind: "picture", address: string} | {kind: "error", text: string}} NotebookOutput */
/** @typedef {{kind: "markdown" | "code" | "raw", text: string, number: number | null, outputs: NotebookOutput[]}} NotebookCell */
/** @typedef {{language: string | null, cells: NotebookCell[]}} Notebook */

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const BASE64 = /^[\w+/=\s]+$/;

/**
 * The cells of a notebook; null if the text is none.
 * @param {string} text
 * @returns {Notebook | null}
 */
export function readNotebook(text) {
  const found = objectIn(text);
  const cells = found?.cells ?? listOf(found?.worksheets).flatMap((/** @type {any} */ sheet) => listOf(sheet?.cells));
  if (!found || !Array.isArray(cells) || (!found.cells && cells.length === 0)) return null;
  const { language_info: info, kernelspec } = found.metadata ?? {};
  const language = [info?.name, kernelspec?.language].find((name) => typeof name === "string") ?? "python";
  return { language: language.toLowerCase(), cells: cells.map(cellOf) };
}

/**
 * @param {any} cell
 * @returns {NotebookCell}
 */
function cellOf(cell) {
  const text = textOf(cell?.source ?? cell?.input);
  const type = cell?.cell_type;
  if (type === "heading") return { kind: "markdown", text: `${"#".repeat(Number(cell.level) || 1)} ${text}`, number: null, outputs: [] };
  const kind = type === "markdown" || type === "code" ? type : "raw";
  const number = Number(cell?.execution_count ?? cell?.prompt_number) || null;
  return { kind, text, number, outputs: listOf(cell?.outputs).map(outputOf).filter((output) => output !== null) };
}

/**
 * @param {any} output
 * @returns {NotebookOutput | null}
 */
function outputOf(output) {
  if (output?.output_type === "error" || output?.output_type === "pyerr") {
    const trace = listOf(output.traceback).map(textOf).join("\n");
    return { kind: "error", text: trace || `${textOf(output.ename)}: ${textOf(output.evalue)}` };
  }
  if (output?.output_type === "stream") return { kind: "text", text: textOf(output.text) };
  const data = output?.data ?? { "image/png": output?.png, "text/html": output?.html, "text/plain": output?.text };
  for (const type of PICTURES) {
    const bytes = textOf(data[type]);
    if (bytes && BASE64.test(bytes)) return { kind: "picture", address: `data:${type};base64,${bytes.replace(/\s/g, "")}` };
  }
  const svg = textOf(data["image/svg+xml"] ?? output?.svg);
  if (svg) return { kind: "picture", address: `data:image/svg+xml,${encodeURIComponent(svg)}` };
  for (const kind of /** @type {const} */ (["html", "markdown"])) {
    const text = textOf(data[`text/${kind}`]);
    if (text) return { kind, text };
  }
  const text = textOf(data["text/latex"] ?? data["text/plain"]) || jsonOf(data);
  return text ? { kind: "text", text } : null;
}

/**
 * A text, which notebooks have as lines.
 * @param {unknown} value
 */
function textOf(value) {
  if (Array.isArray(value)) return value.filter((line) => typeof line === "string").join("");
  return typeof value === "string" ? value : "";
}

/** @param {Record<string, unknown>} data */
function jsonOf(data) {
  const known = Object.entries(data).find(([type, value]) => type.endsWith("json") && value !== undefined);
  return known ? JSON.stringify(known[1], null, 2) : "";
}

/** @param {unknown} value @returns {any[]} */
function listOf(value) {
  return Array.isArray(value) ? value : [];
}

/** @param {string} text @returns {any} */
function objectIn(text) {
  try {
    const found = JSON.parse(text);
    return found && typeof found === "object" && !Array.isArray(found) ? found : null;
  } catch {
    return null;
  }
}
