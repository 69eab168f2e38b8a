/** What may belong together: how it looks and sounds, what speaks for it, and what a person says of it. */

import { post } from "../../lib/api.js";
import { html } from "../../lib/html.js";
import { href } from "../../lib/route.js";
import { Button, toast } from "../../lib/widgets.js";
import { evidenceOf } from "./evidence.js";
import { Name } from "./name.js";
import { Glance, ofLink, placeOf, sideFacts } from "./sides.js";

const SAID = { matched: ["good", "Belongs to it"], rejected: ["", "Does not belong to it"], lost: ["", "Not chosen"], ambiguous: ["warn", "Ambiguous"] };

/** Says it of a pair of `clip` and `other`; `Undo` takes it back. `done(verb)` loads again what shows it. */
export async function decide(verb, clip, other, done) {
  const pair = { clip: clip.id, other: other.id };
  await post(`/v1/matches/${verb}`, pair);
  const undo = async () => {
    await post("/v1/matches/forget", pair);
    await done("forget");
  };
  const name = called(other);
  const told = {
    accept: `${name} belongs to ${clip.name} now`,
    reject: `${name} does not belong to ${clip.name}`,
    forget: `What was said of ${name} is taken back`,
  }[verb];
  toast(told, { undo: verb === "forget" ? null : undo });
  await done(verb);
}

/** Its name and card, by which it is told from another one of that name. */
export function called({ id, name, card }) {
  return `${name || id}${card ? ` of ${card}` : ""}`;
}

export function MatchBadge({ state }) {
  const [tone, word] = SAID[state] ?? ["", state];
  return html`<span class=${`badge ${tone}`}>${word}</span>`;
}

/**
 * One candidate of `clip` {id, name}: who it is, what speaks for it, what can be said (`verbs`). In a question, `differing`
 * are the names of the facts that tell it from the others, and what is asked needs no badge; `alone` when no other is left.
 */
export function Candidate({ clip, other: side, kind, state, score, evidence, verbs, done, differing = null, alone = false }) {
  const other = ofLink(side, kind);
  const place = placeOf(other);
  const full = place ? `${other.name || other.id} (${place})` : other.name || other.id;
  const say = (verb) => () => decide(verb, clip, other, (said) => done(said, other));
  const told = evidenceOf(evidence, { kind, alone });
  const facts = sideFacts(other, evidence);
  // What a person said is first taken back, then said otherwise.
  const offered = verbs.includes("forget") ? ["forget"] : verbs;
  return html`<li class=${`candidate ${state}`} aria-label=${full}>
    <${Glance} side=${other} />
    <div class="candidate-head"><strong class="name">${other.kind !== "record"
      ? html`<a href=${href(`/clips/${other.id}`)}><${Name}>${other.name || other.id}<//></a>`
      : html`<${Name}>${other.name || other.id}<//>`}</strong>
      ${(differing === null || state !== "ambiguous") && html`<${MatchBadge} state=${state} />`}</div>
    <dl class="side-facts">${facts.map(([name, value]) => html`<div key=${name} class=${differing?.has(name) ? "differs" : undefined}>
      <dt>${name}</dt><dd>${value}${differing?.has(name) && html`<span class="unseen"> (differs)</span>`}</dd></div>`)}</dl>
    ${state !== "rejected" && html`<ul class="evidence small">${told.map((each) => html`<li key=${each}>${each}</li>`)}
      ${state === "ambiguous" && html`<li class="muted">${Math.round(score * 100)}\u00a0% sure</li>`}</ul>`}
    <div class="row">
      ${offered.includes("forget") && html`<${Button} icon="retry" label=${`Undo what was said of ${full}`} onClick=${say("forget")}>Undo<//>`}
      ${offered.includes("accept") && html`<${Button} icon="check" kind=${state === "ambiguous" ? "primary" : "quiet"} label=${`Accept ${full}`} onClick=${say("accept")}>Accept<//>`}
      ${offered.includes("reject") && html`<${Button} icon="cross" kind=${state === "ambiguous" ? "" : "quiet"} label=${`Reject ${full}`} onClick=${say("reject")}>Reject<//>`}
    </div>
  </li>`;
}

/** What a person is asked: a clip and what may belong to it. `done(verb, other)` when something was said. */
export function Question({ match, done }) {
  const { clip, kind, candidates } = match;
  const open = candidates.filter((each) => each.state === "ambiguous");
  const alone = open.length === 1 && candidates.some((each) => each.state === "rejected");
  const differing = differences(candidates);
  return html`<section class="card question" aria-label=${`What belongs to ${clip.name}`}>
    <h2>What belongs to <a href=${href(`/clips/${clip.id}`)}><${Name}>${clip.name}<//></a>?</h2>
    <div class="asked"><${Glance} side=${clip} />
      <dl class="side-facts">${sideFacts(clip).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></div>
    ${alone && html`<p class="notice">The only one left is ${called(open[0].other)}. It belongs to ${clip.name} only if you accept it.</p>`}
    ${differing.size > 0 && html`<p class="muted small">What differs between them is marked.</p>`}
    <ul class="candidates">${candidates.map((one) => html`<${Candidate} key=${one.other.id} clip=${clip} kind=${kind} ...${one}
      differing=${differing} alone=${alone} done=${done} />`)}</ul>
  </section>`;
}

/** The names of the facts in which not all candidates are alike. */
function differences(candidates) {
  const told = candidates.map((each) => new Map(sideFacts(each.other, each.evidence)));
  const names = new Set(told.flatMap((facts) => [...facts.keys()]));
  return new Set([...names].filter((name) => new Set(told.map((facts) => facts.get(name))).size > 1));
}
