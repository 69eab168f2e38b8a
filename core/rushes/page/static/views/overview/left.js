/** How much is left, as large as it matters. */

import { sinks, isPaused } from "../../lib/facts.js";
import { bytes, count, left, number, rate } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { Bar, Mark } from "../../lib/widgets.js";

export function Left({ status }) {
  const { jobs, files_remaining: files, bytes_remaining: size, clips } = status.counts;
  const open = (jobs.ready ?? 0) + (jobs.running ?? 0) + (jobs.waiting ?? 0);
  const all = open + (jobs.done ?? 0) + (jobs.parked ?? 0);
  return html`<section class="card left" aria-labelledby="left-head">
    <h2 id="left-head">Left to deliver</h2>
    ${files > 0 ? html`<p class="huge number">${number(files)}<span class="unit">${files === 1 ? "file" : "files"}</span></p>
      <p class="big number left-size"><span>${bytes(size)}</span><span>${time(status)}</span></p>` : html`<${Nothing} clips=${clips} failed=${jobs.parked ?? 0} />`}
    <div class="left-foot stack tight">
      <${Bar} done=${jobs.done ?? 0} total=${all || 1} label="Jobs delivered" tone=${files > 0 || jobs.parked ? "" : "good"} />
      <p class="row spread small"><span class="number">${number(jobs.done ?? 0)} of ${count(all, "job")} done</span>
        <span class="number">${files > 0 ? pace(status.counts) : ""}</span></p>
    </div>
  </section>`;
}

function Nothing({ clips, failed }) {
  if (clips === 0) return html`<p class="huge quiet">Nothing yet</p><p class="muted">Waiting for the first clip.</p>`;
  return html`<p class="huge all"><${Mark} state=${failed ? "parked" : "done"} text=${failed ? `${number(failed)} failed` : "All delivered"} /></p>
    <p class="muted">${failed ? `Everything else of ${count(clips, "clip")} is done.` : count(clips, "clip")}</p>`;
}

/** "about 1 h 40 min", or why nobody can say. */
function time(status) {
  const all = sinks(status);
  if (all.length && all.every((each) => isPaused(status, each.id))) return "paused";
  return status.counts.eta_s ? `about ${left(status.counts.eta_s)}` : "";
}

function pace(counts) {
  return counts.rate ? rate(counts.rate) : "nothing is being sent";
}
