/** The frame of the dialog in which a job is started. */
import { html, icon } from "../../lib/html.js";

export function frame() {
  return html`<dialog class="dialog start-sheet" data-testid="start-dialog" aria-labelledby="start-title">
    <header class="panel-head"><h2 id="start-title">Start a job</h2>
      <button type="button" class="button icon-button close" aria-label="Close">${icon("close")}</button></header>
    <start-where></start-where>
    <form class="start-form">
      <div class="start-off" hidden></div>
      <label>Project<input name="project" list="start-projects" required maxlength="200" autocomplete="off" spellcheck="false" placeholder="a folder in generated_projects" /></label>
      <datalist id="start-projects"></datalist>
      <label>Specification<textarea name="specification" rows="5" required placeholder="What is to be made; or the path of a file of the workspace that ends in .md"></textarea></label>
      <label class="start-files" hidden>Or a file (.md) <select name="file" data-testid="start-file"></select></label>
      <label>Profile<select name="profile"></select></label>
      <div class="start-profile"></div>
      <p class="start-problem" role="alert"></p>
      <footer><span class="start-reason" data-testid="start-reason"></span>
        <button type="button" class="button close">Cancel</button><button type="submit" class="button primary start" data-testid="start">Start</button></footer>
    </form>
  </dialog>`;
}
