/** How much is left, as large as it matters. */

import { serviceName, sinks, standing } from "../../lib/facts.js";
import { bytes, count, number, rate } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { about, allPaused, allRests, timeLeft } from "../../lib/remaining.js";
import { Bar, Mark } from "../../lib/widgets.js";

export function Left({ status }) {
  const { jobs, files_remaining: files, bytes_remaining: size, unmade, clips } = status.counts;
  const open = (jobs.ready ?? 0) + (jobs.running ?? 0) + (jobs.waiting ?? 0);
  const [failed, cancelled] = [jobs.parked ?? 0, jobs.cancelled ?? 0];
  const all = open + (jobs.done ?? 0) + failed + cancelled;
  return html`<section class="card left" aria-labelledby="left-head">
    <h2 id="left-head">Left to deliver</h2>
    ${files > 0 ? html`<p class="huge number">${number(files)}<span class="unit">${files === 1 ? "file" : "files"}</span></p>
      <p class="big number left-size"><span>${bytes(size)}</span><span>${timeLeft(status)}</span></p>
      ${unmade > 0 && html`<p class="muted number">${count(unmade, "file")} still to be made: not counted in the size</p>`}` : html`<${Nothing} clips=${clips} failed=${failed} cancelled=${cancelled} />`}
    ${files > 0 && !allPaused(status) && html`<${Each} status=${status} />`}
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

/** Sink by sink, where there are several or the time leaves one out: a person lets it rest. */
function Each({ status }) {
  const named = new Map(sinks(status).map((each) => [each.id, serviceName(each)]));
  const left = status.counts.sinks;
  if (left.length < 2 && !left.some((each) => each.paused)) return null;
  return left.map((each) => {
    const name = named.get(each.sink) ?? each.sink;
    if (each.paused) return html`<p key=${each.sink} class="warn small number">${count(each.files, "file waits", "files wait")} for ${name}: paused by you</p>`;
    const facts = [count(each.files, "file"), bytes(each.bytes), each.eta_s && about(each.eta_s)];
    return html`<p key=${each.sink} class="small number">${name}: ${facts.filter(Boolean).join(" · ")}</p>`;
  });
}

function pace(status) {
  if (status.counts.rate) return rate(status.counts.rate);
  if (allPaused(status) || (allRests(status) && !status.current.length)) return "";
  const found = standing(status);
  return found.length ? found.map((each) => each.why).join(", ") : "nothing is being sent";
}
