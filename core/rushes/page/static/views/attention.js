/** What needs a person, each with why and what helps; matches are decided here. */

import { get, post } from "../lib/api.js";
import { connectables, connectionOf, isPaused, namesOf, needing, sinks } from "../lib/facts.js";
import { clock, count } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { useFresh, useStatus } from "../lib/live.js";
import { href } from "../lib/route.js";
import { Button, Empty, Failure, Icon, Page, usePaging } from "../lib/widgets.js";
import { said } from "./attention/reasons.js";
import { Question } from "./clips/matching.js";
import { Name } from "./clips/name.js";
import { Alone, useCards } from "./overview/cards.js";
import { act } from "./queue/doing.js";

const GROUPS = [
  ["Failed", ["parked", "media"]],
  ["Waiting for you", ["waiting"]],
  ["Cards and connections", ["card", "component"]],
  ["This machine", ["disk", "ledger", "clock"]],
  ["Rules", ["rules"]],
];
const VERBS = { retry: "Retry", release: "Release", cancel: "Cancel" };
/** What is told of what was done here. */
const DONE = { retry: "Queued again", release: "Released", cancel: "Cancelled" };
/** When a job was tried again from here: what fails later has failed again. */
const tried = new Map();

export default function Attention() {
  const status = useStatus();
  const all = useFresh(({ signal }) => get("/v1/attention", {}, { signal }), [JSON.stringify(status.attention)]);
  const matches = usePaging(
    ({ limit, after, signal }) =>
      get("/v1/matches", { state: "ambiguous", limit, after }, { signal }).then((found) => ({ ...found, items: found.matches })),
    [JSON.stringify(status.attention.filter((each) => each.kind === "match"))],
    { kinds: ["component", "clip", "match"], size: 20 },
  );
  const [questions, answered] = useAnswered(matches);
  const [items, settled] = useSettled((all.data?.attention ?? status.attention).filter((each) => each.kind !== "match"), all.reload);
  const [others, alone] = [items.filter((each) => !each.by_itself), items.filter((each) => each.by_itself)];
  const total = needing(status);
  const cards = useCards()?.cards.filter((each) => each.alone > 0) ?? [];
  const calm = all.data && matches.document && !total && !others.length && !questions.length;
  const group = (title, found) => found.length > 0 && html`<section key=${title} class="card" aria-label=${title}><h2>${title}</h2>
    <ul class="list">${found.map((each) => html`<${Item} key=${nameOf(each)} item=${each} status=${status} done=${settled(each)} />`)}</ul></section>`;
  return html`<${Page} title="Needs attention" note=${total ? count(total, "thing") : ""}>
    ${all.error && html`<${Failure} error=${all.error} onRetry=${all.reload} />`}
    ${matches.error && html`<${Failure} error=${matches.error} onRetry=${matches.reload} />`}
    ${calm && html`<${Empty} title="Nothing needs you">Whatever does will show here.<//>`}
    ${GROUPS.map(([title, kinds]) => group(title, others.filter((each) => kinds.includes(each.kind))))}
    ${questions.map((each) => html`<${Question} key=${keyOf(each)} match=${each} done=${answered(each)} />`)}
    ${matches.rest}
    ${cards.length > 0 && html`<section class="card" aria-label="Not to be formatted"><h2>Not to be formatted</h2><${Alone} cards=${cards} /></section>`}
    ${group("Goes on by itself", alone)}
  <//>`;
}

function nameOf(item) {
  return `${item.jobs[0]} ${item.subject} ${item.reason}`;
}

/** The notes, with those about which something was done here in their places until the page is left: no other comes under the finger. */
function useSettled(items, reload) {
  const [kept, setKept] = useState([]);
  const there = new Set(items.map(nameOf));
  const shown = [...items];
  for (const [at, item] of kept) if (!there.has(nameOf(item))) shown.splice(at, 0, item);

  const settled = (item) => async (verb) => {
    const at = shown.indexOf(item);
    setKept((before) => [...before.filter(([, each]) => nameOf(each) !== nameOf(item)), [at, { ...item, done: verb }]].sort(([a], [b]) => a - b));
    await reload();
  };
  return [shown, settled];
}

function keyOf(match) {
  return `${match.clip.id} ${match.annotator} ${match.kind}`;
}

/** The questions, with those that were answered here in their places: they can be undone until the page is left. */
function useAnswered(matches) {
  const [kept, setKept] = useState([]);
  const asked = new Set(matches.items.map(keyOf));
  const questions = [...matches.items];
  for (const [at, match] of kept) if (!asked.has(keyOf(match))) questions.splice(at, 0, match);

  const answered = (match) => async (verb, other) => {
    const key = keyOf(match);
    const at = questions.findIndex((each) => keyOf(each) === key);
    const rest = kept.filter(([, each]) => keyOf(each) !== key);
    setKept(verb === "forget" ? rest : [...rest, [at, answeredBy(match, verb, other)]].sort(([a], [b]) => a - b));
    await matches.reload();
  };
  return [questions, answered];
}

/** The question with its answer in it, as long as nobody told what came of it. */
function answeredBy(match, verb, other) {
  const decided = (one) => {
    if (one.other.id === other.id) return { ...one, state: verb === "accept" ? "matched" : "rejected", verbs: ["forget"], evidence: { ...one.evidence, by: "person" } };
    return verb === "accept" && one.state === "ambiguous" ? { ...one, state: "lost", verbs: [] } : one;
  };
  return { ...match, candidates: match.candidates.map(decided) };
}

function Item({ item, status, done }) {
  const { subject, place, why, what, detail } = said(item, status);
  // What is not told one by one is in the queue.
  const queue = item.things > 1 && href("/queue", { state: item.kind });
  const where = item.clip ? href(`/clips/${item.clip}`) : queue;
  return html`<li class="stack tight">
    <p class="attention-name">${where ? html`<a href=${where}><${Name}>${subject}<//></a>` : html`<strong><${Name}>${subject}<//></strong>`}</p>
    <p>${why}</p>
    ${what && !item.done && html`<p>${what}</p>`}
    <p class="muted small attention-facts">
      ${place && html`<span><${Name}>${place}<//></span>`}
      ${item.to.length > 0 && html`<span>To ${names(item, status).join(" and ")}</span>`}
      ${item.failed_at && html`<span>${isAgain(item) ? "Failed again" : "Failed"} at ${clock(item.failed_at, { seconds: true })}</span>`}
      ${item.again_at && html`<span>${item.again_at * 1000 > Date.now() ? `Next try at ${clock(item.again_at, { seconds: true })}` : "Trying now"}</span>`}
      ${detail && html`<span class="technical"><${Name}>${detail}<//></span>`}</p>
    ${item.done ? html`<p class="row good" role="status"><${Icon} name="check" />${DONE[item.done]}</p>` : html`<${Ways} item=${item} name=${subject} status=${status} done=${done} />`}
  </li>`;
}

/** The sinks that do not get it, as people call them. */
function names(item, status) {
  const called = namesOf(status);
  return item.to.map((sink) => called.get(sink) ?? sink);
}

/** What can be done about it here. */
function Ways({ item, name, status, done }) {
  const { jobs, component } = item;
  const both = jobs.length === 2 ? " both" : jobs.length > 2 ? ` all ${jobs.length}` : "";
  const run = async (verb) => {
    const before = status.now;
    if (!(await act(verb, jobs, { clip: item.clip, name, problem: item.problem, to: names(item, status) }))) return;
    if (verb === "retry") for (const job of jobs) tried.set(job, before);
    await done(verb);
  };
  const verbs = jobs.length ? item.verbs.filter((verb) => verb in VERBS) : [];
  const buttons = verbs.map((verb) => html`<${Button} key=${verb} kind=${verb === "cancel" ? "quiet" : undefined}
    label=${`${VERBS[verb]}${both} ${jobs.length > 1 ? "jobs of " : ""}${name}`} onClick=${() => run(verb)}>${VERBS[verb]}${both}<//>`);
  const way = wayOf(component, name, status);
  return buttons.length > 0 || way ? html`<div class="row">${buttons}${way}</div>` : null;
}

/** Where a person connects or sees a service, or lets it go on. */
function wayOf(id, name, status) {
  const component = sinks(status).find((each) => each.id === id);
  if (!component) return null;
  if (isPaused(status, id)) {
    return html`<${Button} icon="play" kind="primary" label=${`Go on with deliveries to ${name}`} onClick=${() => post("/v1/switches/resume", { names: [id] })}>Go on<//>`;
  }
  if (!connectables(status).includes(component)) return null;
  const apart = ["not authorised", "not connected"].includes(connectionOf(component));
  return html`<${Button} icon="connection" kind=${apart ? "primary" : ""} label=${`${apart ? "Connect" : "See"} ${name}`}
    href=${href(`/connection/${id}`)}>${apart ? "Connect" : "See connection"}<//>`;
}

function isAgain({ jobs, failed_at: at }) {
  return jobs.some((job) => tried.has(job) && at > tried.get(job));
}
