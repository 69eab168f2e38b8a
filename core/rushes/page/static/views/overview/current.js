/** What is in work now. */

import { doingOf } from "../../lib/facts.js";
import { bytes, left, percent, rate } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { href } from "../../lib/route.js";
import { Bar } from "../../lib/widgets.js";

const SHOWN = 8;

export function Current({ status }) {
  const works = status.current;
  const sorted = [...works].sort((a, b) => (a.verb === "deliver" ? 0 : 1) - (b.verb === "deliver" ? 0 : 1));
  return html`<section class="card current" aria-labelledby="current-head">
    <div class="card-head"><h2 id="current-head">Now</h2><a class="way" href="#/queue">Queue</a></div>
    ${works.length === 0 && html`<p class="muted">Nothing is in work.</p>`}
    <ul class="list">${sorted.slice(0, SHOWN).map((work) => html`<${Work} key=${work.step} work=${work}
      doing=${doingOf(status, work)} />`)}</ul>
    ${works.length > SHOWN && html`<p class="muted small more">and ${works.length - SHOWN} more</p>`}
  </section>`;
}

function Work({ work, doing }) {
  const deliver = work.verb === "deliver";
  const label = `${work.name}: ${deliver ? "upload" : "work"}`;
  return html`<li class="work">
    <p class="work-name ellipsis"><a href=${href(`/clips/${work.clip}`)}>${work.name}</a></p>
    <p class="work-left number">${work.growing ? "recording" : work.total ? percent(work.done, work.total) : ""}</p>
    <div class="work-bar"><${Bar} done=${work.done} total=${work.growing ? 0 : work.total} label=${label} /></div>
    <p class="work-note small muted number">${note(work, doing).join(" · ")}</p>
    <p class="work-left small muted number">${work.eta_s ? `${left(work.eta_s)} left` : ""}</p>
  </li>`;
}

function note(work, doing) {
  if (work.verb !== "deliver") return [doing];
  const size = work.total && !work.growing ? `${bytes(work.done)} of ${bytes(work.total)}` : bytes(work.done);
  return [doing, size, ...(work.rate ? [rate(work.rate)] : [])];
}
