/**
 * The profiles of another host: pure. What is approved and started is what is shown, so that a profile is taken as it is, or left out
 * where it is not as it should be.
 */
/** @import {Profile, ProfileList} from "../pages/jobs/types.js" */

const MOST = 200; // profiles; arguments and variables of one
const MOST_TEXT = 20_000;

/**
 * @param {any} answer of `GET /api/profiles`
 * @returns {ProfileList}
 */
export function profileListOf(answer) {
  const profiles = Array.isArray(answer?.profiles) ? answer.profiles.slice(0, MOST).filter(isProfile) : [];
  return { profiles, problems: [], control: answer?.control === true, can_approve: answer?.can_approve === true };
}

/**
 * @param {any} found
 * @returns {found is Profile}
 */
function isProfile(found) {
  if (typeof found !== "object" || found === null) return false;
  const { name, argv, origin, cwd, env, env_allow: allowed, pty, digest, approved, timeout_s: timeout, max_log_bytes: log, retry_times: retries, grace_s: grace } = found;
  return (
    [name, origin, digest].every((each) => isText(each) && each !== "") &&
    isTexts(argv) &&
    isTexts(allowed) &&
    (cwd === null || isText(cwd)) &&
    (timeout === null || Number.isFinite(timeout)) &&
    [log, retries, grace].every(Number.isFinite) &&
    [pty, approved].every((each) => typeof each === "boolean") &&
    isEnvironment(env)
  );
}

/** @param {unknown} found */
function isText(found) {
  return typeof found === "string" && found.length <= MOST_TEXT;
}

/** @param {unknown} found */
function isTexts(found) {
  return Array.isArray(found) && found.length <= MOST && found.every(isText);
}

/** @param {unknown} found */
function isEnvironment(found) {
  return typeof found === "object" && found !== null && !Array.isArray(found) && Object.keys(found).length <= MOST && Object.entries(found).every(([name, value]) => isText(name) && (value === null || isText(value)));
}
