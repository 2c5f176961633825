/** The frame of the dialog in which a plan is started. */
import { html, icon } from "../../lib/html.js";

export function frame() {
  return html`<dialog class="dialog start-sheet" data-testid="plan-start-dialog" aria-labelledby="plan-start-title">
    <header class="panel-head"><h2 id="plan-start-title">Start <span class="start-name" dir="auto"></span></h2>
      <button type="button" class="button icon-button close" aria-label="Close">${icon("close")}</button></header>
    <form class="start-form">
      <fieldset><legend>Mode</legend>
        <label class="start-choice"><input type="radio" name="mode" value="batch" checked />Batch <span class="faint">ends when nothing is left to do</span></label>
        <label class="start-choice"><input type="radio" name="mode" value="continuous" />Continuous <span class="faint">then waits for what is added to the plan</span></label>
        <label class="start-choice"><input type="checkbox" name="autonomous" />Autonomous <span class="faint">decides by itself instead of asking</span></label></fieldset>
      <fieldset><legend>Tasks</legend>
        <label class="start-choice"><input type="radio" name="which" value="all" checked />All that are not finished</label>
        <label class="start-choice"><input type="radio" name="which" value="some" data-testid="start-some" />Only some</label>
        <div class="start-tasks" hidden><input type="search" name="filter" placeholder="Filter by id or text" aria-label="Filter the tasks" autocomplete="off" spellcheck="false" />
          <div class="start-view"><div class="start-rows" role="list" aria-label="Tasks that are not finished"></div></div><span class="start-sum faint" role="status"></span></div></fieldset>
      <div class="start-profile"></div>
      <p class="start-problem" role="alert" data-testid="plan-start-problem"></p>
      <div class="start-failed" hidden><h3>The end of its log</h3><pre class="start-log" tabindex="0" aria-label="The end of its log" data-testid="plan-start-log"></pre></div>
      <footer><span class="start-reason" data-testid="plan-start-reason"></span>
        <button type="button" class="button close">Cancel</button><button type="submit" class="button primary start" data-testid="plan-start-now">Start</button></footer>
    </form>
  </dialog>`;
}
