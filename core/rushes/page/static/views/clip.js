/** Everything known of one clip: what it is, what it belongs to, where it went and why. */

import { get } from "../lib/api.js";
import { bytes, clock, duration } from "../lib/format.js";
import { plain, sentence } from "../lib/facts.js";
import { html } from "../lib/html.js";
import { useFresh } from "../lib/live.js";
import { Button, Failure, Mark, Moment, Page, usePaging } from "../lib/widgets.js";
import { JobVerbs } from "./clips/jobs.js";
import { Candidate } from "./clips/matching.js";
import { Player } from "./clips/showing.js";

/** What a value is about; the rest is the file's. */
const SUBJECTS = [
  ["Slate", /^(scene|slate|take|circled|shot|episode|notes?|comment|camera|reel|roll)/],
  ["Timecode", /timecode|^(rate|fps|start|end|duration)/],
  ["Sound", /audio|sound|channel|track|sample/],
  ["Picture", /width|height|codec|colou?r|lens|iso|shutter|white|aspect|bit|picture|lut|gamma/],
];
const HAPPENED = {
  "job.planned": "Queued", "job.settled": "Job ended", "job.changed": "Job changed", "job.withdrawn": "Job withdrawn",
  "job.move": "Moved in the queue", "step.started": "Work began", "step.done": "Work done", "step.note": "Note", "clip.annotated": "More became known", "clip.unrouted": "No route took it",
};

export default function Clip({ parts }) {
  const [id] = parts;
  const found = useFresh(({ signal }) => get(`/v1/clips/${encodeURIComponent(id)}`, {}, { signal }), [id], { kinds: ["clip", "job", "step", "component"] });
  if (!found.data) {
    return html`<${Page} title="Clip">${found.error && html`<${Failure} error=${found.error} onRetry=${found.reload} />`}<//>`;
  }
  const { clip, routes, jobs, links } = found.data;
  const back = html`<${Button} icon="left" kind="quiet" href="#/clips">All clips<//>`;
  return html`<${Page} title=${clip.name} note=${[clip.card, clip.path].filter(Boolean).join(" · ")} actions=${back}>
    ${found.error && html`<${Failure} error=${found.error} onRetry=${found.reload} />`}
    ${clip.problem && html`<p class="notice bad">${sentence(clip.problem)}</p>`}
    <${Player} key=${clip.id} clip=${clip.id} kind=${clip.kind} name=${clip.name} />
    <${Part} title="Jobs" none="No route took this clip." items=${jobs}>${(job) => html`<li key=${job.id} class="stack">
      <div class="row spread"><strong>${job.route}</strong><${Mark} state=${job.state} /></div>
      ${job.reason && html`<p class="small">${sentence(plain(job.reason))}</p>`}
      ${deliveries(job).map((step) => html`<p key=${step.id} class="muted small">${proof(step)}</p>`)}
      <${JobVerbs} job=${job.id} name=${clip.name} state=${job.state} problem=${clip.problem} to=${sinksOf(job)} done=${found.reload} /></li>`}<//>
    <${Part} title="Routes" none="There are no routes." items=${routes}>${(route) => html`<li key=${route.route}>
      <div class="row spread"><strong>${route.route}</strong><span class=${`badge ${route.matched ? "good" : ""}`}>${verdict(route)}</span></div>
      ${route.why && html`<p class="muted small">${sentence(route.why)}</p>`}</li>`}<//>
    <${Part} title="Belongs to" none="Nothing was found that belongs to it." items=${links}>${(link) => html`<${Candidate} key=${`${link.annotator} ${link.kind} ${link.other}`}
      clip=${clip.id} other=${{ ...link, id: link.other }} kind=${link.kind} state=${link.state}
      score=${link.score} evidence=${link.evidence} verbs=${link.verbs} done=${found.reload} />`}<//>
    <div class="clip-subjects">${subjects(clip).map(([title, facts]) => html`<section key=${title} class="card"><h2>${title}</h2>
      <dl class="facts">${facts.map(([name, value]) => html`<dt>${sentence(name.replaceAll("_", " "))}</dt><dd>${shown(name, value)}</dd>`)}</dl></section>`)}</div>
    <${Happened} clip=${clip.id} />
  <//>`;
}

function deliveries(job) {
  return job.steps.filter((step) => step.verb === "deliver");
}

function sinksOf(job) {
  return [...new Set(deliveries(job).map((step) => step.component))];
}

/** What goes where; once it is there, as what it is known to be there. */
function proof({ name, component, state, receipt }) {
  if (!receipt) return `${name} to ${component}${state === "done" ? ", delivered" : ""}`;
  const there = [bytes(receipt.size), receipt.where && `at ${receipt.where}`].filter(Boolean).join(" ");
  return [`${name} to ${component}: ${there}`, receipt.checked].filter(Boolean).join(", ");
}

/** The newest first, the earlier ones when they are asked for. */
function Happened({ clip }) {
  const past = usePaging(
    ({ limit, after, signal }) =>
      get(`/v1/clips/${clip}/timeline`, { order: "newest", limit, after }, { signal }).then((found) => ({ ...found, items: found.events })),
    [clip],
    { kinds: ["clip", "job", "step"], size: 100 },
  );
  return html`<${Part} title="What happened" none=${past.document ? "Nothing yet." : ""} items=${past.items} rest=${past.rest}>${(event) => html`<li key=${event.seq} class="happened">
    <${Moment} at=${event.at}>${clock(event.at)}<//><span>${told(event)}</span></li>`}<//>`;
}

function Part({ title, none, items, rest = null, children }) {
  return html`<section class="card" aria-label=${title}><h2>${title}</h2>
    ${items.length ? html`<ul class="list">${items.map(children)}</ul>` : html`<p class="muted">${none}</p>`}${rest}</section>`;
}

function verdict({ matched, hit }) {
  if (matched) return "Takes it";
  return hit ? "Passed over" : "Does not match";
}

/** Values by what they are about, those that nobody told left out. */
function subjects(clip) {
  const flat = Object.entries(clip).flatMap(([name, value]) =>
    value && typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : [[name, value]],
  );
  const groups = new Map([...SUBJECTS.map(([title]) => [title, []]), ["File", []]]);
  for (const [name, value] of flat) {
    if (value === null || value === "") continue;
    const [title] = SUBJECTS.find(([, pattern]) => pattern.test(name)) ?? ["File"];
    groups.get(title).push([name, value]);
  }
  return [...groups].filter(([, facts]) => facts.length);
}

function shown(name, value) {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (name === "size") return bytes(value);
  if (name === "duration" && typeof value === "number") return duration(value);
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

function told({ kind, component, detail }) {
  const word = HAPPENED[kind] ?? sentence(kind.replace(".", " "));
  const why = detail.reason || detail.text || "";
  return [word, component && `by ${component}`, why && `– ${why}`].filter(Boolean).join(" ");
}
