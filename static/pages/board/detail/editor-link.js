/** Which links may open an editor. */

/**
 * The service checks it too; nothing that runs in the page may become a link.
 * @param {string} link
 */
export function isEditorLink(link) {
  return /^[a-z][a-z0-9+.-]*:/.test(link) && !/^(?:javascript|data|vbscript|blob|file|about):/.test(link);
}
