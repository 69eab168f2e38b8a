/** Everything known of one clip: how it stands, what it needs, what it belongs to, where it went and why. */

import { get } from "../lib/api.js";
import { placesOf, plain, sentence, serviceName } from "../lib/facts.js";
import { html } from "../lib/html.js";
import { useFresh, useStatus } from "../lib/live.js";
import { Button, Failure, Mark, Page } from "../lib/widgets.js";
import { factsOf } from "./clip/facts.js";
import { Happened } from "./clip/past.js";
import { glancesOf, nameOf, proofOf, stateOf } from "./clip/work.js";
import { JobVerbs } from "./clips/jobs.js";
import { Candidate } from "./clips/matching.js";
import { Name } from "./clips/name.js";
import { Player } from "./clips/showing.js";

export default function Clip({ parts }) {
  const [id] = parts;
  const { components } = useStatus();
  const found = useFresh(({ signal }) => get(`/v1/clips/${encodeURIComponent(id)}`, {}, { signal }), [id], { kinds: ["clip", "job", "step", "component", "match"] });
  const back = html`<${Button} icon="left" kind="quiet" href="#/clips">All clips<//>`;
  if (!found.data) {
    return html`<${Page} title="Clip" actions=${back}>${found.error && html`<${Failure} error=${found.error} onRetry=${found.reload} bare />`}<//>`;
  }
  const { clip, routes, jobs, links } = found.data;
  const called = (name) => {
    const one = components.find((each) => each.id === name);
    return one ? serviceName(one) : name;
  };
  const present = jobs.filter((job) => job.revision === clip.revision);
  const where = [clip.card, clip.path].filter(Boolean).join("/");
  return html`<${Page} title=${clip.name} note=${html`<${Name}>${where}<//>`} actions=${back}>
    ${found.error && html`<${Failure} error=${found.error} onRetry=${found.reload} />`}
    ${clip.problem && html`<p class="notice bad">${sentence(clip.problem)}</p>`}
    <ul class="clip-glance" aria-label="State">${present.flatMap((job) => glancesOf(job, called).map(([state, text]) => html`<li key=${job.id + state}><${Mark} state=${state} text=${text} /></li>`))}
      ${!present.length && html`<li class="muted">No route took this clip</li>`}</ul>
    <div class="clip-halves">
      <div class="stack"><${Player} key=${clip.id} clip=${clip.id} kind=${clip.kind} name=${clip.name} />
        <${Jobs} clip=${clip} jobs=${jobs} called=${called} done=${found.reload} />
        ${links.length > 0 && html`<${Part} title="Belongs to" items=${links}>${(link) => html`<${Candidate} key=${`${link.annotator} ${link.kind} ${link.other}`}
          clip=${clip} other=${{ ...link, id: link.other, kind: "" }} kind=${link.kind} state=${link.state}
          score=${link.score} evidence=${link.evidence} verbs=${link.verbs} done=${found.reload} />`}<//>`}</div>
      <div class="clip-subjects">${factsOf(clip).map(([title, facts]) => html`<${Facts} key=${title} title=${title} facts=${facts} />`)}</div>
      <div class="stack"><${Part} title="Why it goes where it goes" none="There are no routes." items=${routes}>${(route) => html`<li key=${route.route}>
          <div class="row spread"><strong>${route.route}</strong><span class=${`badge ${route.matched ? "good" : ""}`}>${verdict(route)}</span></div>
          ${route.why && html`<p class="muted small">${sentence(route.why)}</p>`}</li>`}<//>
        <${Happened} clip=${clip.id} jobs=${jobs} called=${called} /></div>
    </div>
  <//>`;
}

/** Those of bytes that the clip has no more are its past, and folded away. */
function Jobs({ clip, jobs, called, done }) {
  const row = (job) => html`<${Job} key=${job.id} job=${job} clip=${clip} called=${called} done=${done} />`;
  const past = jobs.filter((job) => job.revision !== clip.revision);
  return html`<${Part} title="Jobs" none="No route took this clip." items=${jobs.filter((job) => !past.includes(job))}
    after=${past.length > 0 && html`<details class="clip-earlier"><summary>Before the file changed</summary><ul class="list">${past.map(row)}</ul></details>`}>${row}<//>`;
}

function Job({ job, clip, called, done }) {
  const name = nameOf(job, clip, called);
  return html`<li class="stack tight">
    <div class="row spread"><strong class="clip-job"><${Name}>${name}<//></strong><${Mark} state=${job.state} text=${stateOf(job, clip)} /></div>
    ${job.reason && html`<p class="small">${sentence(plain(job.reason))}</p>`}
    ${job.steps.filter((step) => step.receipt).map((step) => html`<p key=${step.id} class="muted small"><${Name}>${proofOf(step, called)}<//></p>`)}
    <${JobVerbs} job=${job.id} clip=${clip.id} name=${name} state=${job.state} releasable=${job.releasable} problem=${clip.problem} to=${placesOf(job)[0].map(called)} done=${done} /></li>`;
}

/** What few ask for is folded away. */
function Facts({ title, facts }) {
  const list = html`<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd><${Name}>${value}<//></dd>`)}</dl>`;
  return title === "More"
    ? html`<details class="card" aria-label=${title}><summary>${title}</summary>${list}</details>`
    : html`<section class="card" aria-label=${title}><h2>${title}</h2>${list}</section>`;
}

function Part({ title, none, items, after, children }) {
  return html`<section class="card" aria-label=${title}><h2>${title}</h2>
    ${items.length ? html`<ul class="list">${items.map(children)}</ul>` : html`<p class="muted">${none}</p>`}${after}</section>`;
}

function verdict({ matched, hit }) {
  if (matched) return "Takes it";
  return hit ? "Passed over" : "Does not match";
}
