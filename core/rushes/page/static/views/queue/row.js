/** One job. Drawn again only when something of it changed: there may be hundreds, and a status comes four times a second. */

import { haveIt, placesOf, plain, sentence } from "../../lib/facts.js";
import { bytes, clock, left, percent, rate } from "../../lib/format.js";
import { Component, html, useState } from "../../lib/html.js";
import { href } from "../../lib/route.js";
import { Bar, Button, Icon, Mark } from "../../lib/widgets.js";
import { Name } from "../clips/name.js";
import { helps } from "./doing.js";

export class Row extends Component {
  shouldComponentUpdate(next) {
    return Object.keys(next).some((key) => next[key] !== this.props[key] && (key !== "job" || changed(next.job, this.props.job)));
  }

  render(props) {
    return html`<${Line} ...${props} />`;
  }
}

function changed(job, before) {
  return JSON.stringify(job) !== JSON.stringify(before);
}

function Line({ job, now, ordered, selected, dragged, over, doing, called, grab, select }) {
  const [open, setOpen] = useState(false);
  const works = now ? JSON.parse(now) : [];
  const names = ["job", selected && "selected", dragged && "dragged", over && "over"].filter(Boolean).join(" ");
  const [to, there] = places(job, called);
  const act = (verb) => () => doing.current.act(verb, [job.id], { clip: job.clip, name: job.name, problem: job.problem, to });
  const first = VERBS.find(({ verb, of }) => of.includes(job.state) && fits(verb, job));
  const rest = VERBS.filter((each) => each !== first && helps(each.verb, job.state) && fits(each.verb, job));
  return html`<li class=${names} data-job=${job.id}>
    <label class="pick"><span class="unseen">Select ${job.name}</span>
      <input type="checkbox" checked=${selected} onClick=${(event) => select(job.id, event)} aria-describedby="queue-keys" /></label>
    ${ordered && html`<button type="button" class="grip" aria-label=${`Move ${job.name}`} aria-describedby="queue-keys" title="Drag, or press the arrow keys"
      onPointerDown=${(event) => grab(event, job.id)}><${Icon} name="grip" /></button>`}
    <div class="job-what">
      <p class="job-name"><a href=${href(`/clips/${job.clip}`)}><${Name}>${job.name}<//></a></p>
      <p class="small number">${to.length > 0 && html`<strong>to ${to.join(" and ")}</strong>`}<span class="muted">${["", ...about(job, there).filter(Boolean)].join(" · ")}</span></p>
    </div>
    <div class="job-how">
      ${works.length ? works.map((work) => html`<${Work} key=${work.step} work=${work} />`) : html`<p class="job-mark"><${Mark} state=${job.state} />
        ${ordered && job.state === "ready" && job.position && html`<span class="muted small number">${job.position === 1 ? "next" : `${job.position} in line`}</span>`}</p>`}
      ${job.problem && job.state === "cancelled" && html`<p class="small bad">${sentence(job.problem)}</p>`}
      ${job.reason && !works.length && html`<p class=${`small reason ${job.state === "parked" ? "bad" : "muted"}`}>${sentence(plain(job.reason))}${job.until ? `, again ${clock(job.until, { seconds: true })}` : ""}</p>`}
    </div>
    <div class="job-do">
      ${first && html`<${Button} icon=${first.icon} label=${`${first.word} ${job.name}`} onClick=${act(first.verb)}><span aria-hidden="true">${first.short}</span><//>`}
      ${rest.length > 0 && html`<${Button} kind="quiet" icon="more" label=${`More for ${job.name}`} aria-expanded=${open ? "true" : "false"} onClick=${() => setOpen(!open)} />`}
    </div>
    ${open && html`<div class="job-more row">${rest.map(
      ({ verb, icon, word, short, danger }) => html`<${Button} key=${verb} icon=${icon} kind=${danger ? "danger" : ""} onClick=${act(verb)}
        label=${`${word} ${job.name}`}><span aria-hidden="true">${short}</span><//>`,
    )}<${Button} kind="quiet" icon="clips" href=${href(`/clips/${job.clip}`)}>The clip<//></div>`}
  </li>`;
}

/** The first that fits a job is its button, the others are behind "More". */
const VERBS = [
  { verb: "retry", icon: "retry", word: "Retry", short: "Retry", of: ["parked", "cancelled"] },
  { verb: "release", icon: "play", word: "Release", short: "Release", of: ["waiting"] },
  { verb: "top", icon: "top", word: "Move to the top", short: "To the top", of: ["ready", "waiting"] },
  { verb: "hold", icon: "pause", word: "Hold", short: "Hold", of: [] },
  { verb: "cancel", icon: "cross", word: "Cancel", short: "Cancel", of: [], danger: true },
];

/** What waits for a component, a card or a time goes on by itself: nobody releases it. */
function fits(verb, job) {
  return verb !== "release" || job.releasable;
}

/** Names of the sinks to which a job goes yet, and of those that have it already; of one that is done all are told as the former. */
function places(job, called) {
  const names = (sinks) => sinks.map((sink) => called.get(sink) ?? sink);
  return job.state === "done" ? [names(job.sinks), []] : placesOf(job).map(names);
}

/** Where it is already, the card, and how large what is sent is: while that is not made yet, from what. */
function about(job, there) {
  const sent = job.steps.filter((step) => step.verb === "deliver");
  const size = sent.length ? Math.max(...sent.map((step) => step.size)) : job.size;
  return [there.length && haveIt(there), job.card, size > 0 && `${sent.length ? "" : "from "}${bytes(size)}`, begun(sent)];
}

/** How far deliveries are that rest. */
function begun(steps) {
  const resting = steps.find((step) => step.sent > 0);
  return resting && `${percent(resting.sent, resting.size)} sent, goes on from there`;
}

function Work({ work }) {
  const deliver = work.verb === "deliver";
  const told = [
    work.doing,
    work.growing ? "recording" : work.total ? percent(work.done, work.total) : "",
    deliver && work.total && !work.growing ? `${bytes(work.done)} of ${bytes(work.total)}` : "",
    deliver && work.rate ? rate(work.rate) : "",
    work.eta_s ? `${left(work.eta_s)} left` : "",
  ].filter(Boolean);
  return html`<div class="work-line"><${Bar} done=${work.done} total=${work.growing ? 0 : work.total} label=${`${work.name}: ${deliver ? "upload" : "work"}`} />
    <p class="small muted number">${told.join(" · ")}</p></div>`;
}
