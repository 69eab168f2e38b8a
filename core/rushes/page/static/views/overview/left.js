/** How much is left, as large as it matters. */

import { sinks, isPaused } from "../../lib/facts.js";
import { bytes, count, left, number, rate } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { Bar, Mark } from "../../lib/widgets.js";

export function Left({ status }) {
  const { jobs, files_remaining: files, bytes_remaining: size, clips } = status.counts;
  const open = (jobs.ready ?? 0) + (jobs.running ?? 0) + (jobs.waiting ?? 0);
  const [failed, cancelled] = [jobs.parked ?? 0, jobs.cancelled ?? 0];
  const all = open + (jobs.done ?? 0) + failed + cancelled;
  return html`<section class="card left" aria-labelledby="left-head">
    <h2 id="left-head">Left to deliver</h2>
    ${files > 0 ? html`<p class="huge number">${number(files)}<span class="unit">${files === 1 ? "file" : "files"}</span></p>
      <p class="big number left-size"><span>${bytes(size)}</span><span>${time(status)}</span></p>` : html`<${Nothing} clips=${clips} failed=${failed} cancelled=${cancelled} />`}
    <div class="left-foot stack tight">
      <${Bar} done=${jobs.done ?? 0} total=${all || 1} label="Jobs delivered" tone=${files > 0 || failed || cancelled ? "" : "good"} />
      <p class="row spread small"><span class="number">${number(jobs.done ?? 0)} of ${count(all, "job")} done</span>
        <span class="number">${files > 0 ? pace(status) : ""}</span></p>
    </div>
  </section>`;
}

/** A card is formatted because of this: what a person gave up was not delivered either. */
function Nothing({ clips, failed, cancelled }) {
  if (clips === 0) return html`<p class="huge quiet">Nothing yet</p><p class="muted">Waiting for the first clip.</p>`;
  const missing = [failed && `${number(failed)} failed`, cancelled && `${number(cancelled)} cancelled`].filter(Boolean).join(", ");
  return html`<p class="huge all"><${Mark} state=${failed ? "parked" : cancelled ? "cancelled" : "done"} text=${missing || "All delivered"} /></p>
    <p class="muted">${missing ? `Everything else of ${count(clips, "clip")} is done.` : count(clips, "clip")}</p>`;
}

/** "about 1 h 40 min", or why nobody can say. */
function time(status) {
  if (allPaused(status)) return "paused";
  return status.counts.eta_s ? `about ${left(status.counts.eta_s)}` : "";
}

function allPaused(status) {
  const all = sinks(status);
  return all.length > 0 && all.every((each) => isPaused(status, each.id));
}

function pace(status) {
  if (status.counts.rate) return rate(status.counts.rate);
  return allPaused(status) ? "" : "nothing is being sent";
}
