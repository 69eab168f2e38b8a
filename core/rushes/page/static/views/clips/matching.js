/** What may belong together: the evidence in words, and what a person says of it. */

import { post } from "../../lib/api.js";
import { sentence } from "../../lib/facts.js";
import { number } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { Button, toast } from "../../lib/widgets.js";

const NAMED = ["scene", "slate", "take"];
const SAID = { matched: ["good", "Matched"], ambiguous: ["warn", "Ambiguous"], rejected: ["", "Rejected"], lost: ["", "Not chosen"] };

/** What speaks for and against a pair, each a short phrase. */
export function evidenceOf(evidence) {
  const told = [];
  if (evidence.overlap_frames !== undefined) {
    const share = evidence.overlap_share;
    const part = typeof share === "number" ? `, ${Math.round(share * 100)} % of it` : "";
    told.push(`Timecode overlaps by ${number(evidence.overlap_frames)} frames${part}`);
  }
  if (evidence.seconds_apart) told.push(`${evidence.seconds_apart} s apart`);
  if (evidence.offset_frames) told.push(`Offset of ${evidence.offset_frames} frames${evidence.offset_from ? ` (${evidence.offset_from})` : ""}`);
  for (const name of NAMED) {
    if (evidence[name] === "same") told.push(`Same ${name}`);
    if (evidence[name] === "differs") told.push(`Another ${name}`);
  }
  if (evidence.why) told.push(sentence(String(evidence.why)));
  if (evidence.by === "person") told.push("Decided by a person");
  return told;
}

export function MatchBadge({ state }) {
  const [tone, word] = SAID[state] ?? ["", state];
  return html`<span class=${`badge ${tone}`}>${word}</span>`;
}

/** Says it of a pair; `Undo` takes it back. `done` loads again what shows it. */
export async function decide(verb, clip, other, name, done) {
  await post(`/v1/matches/${verb}`, { clip, other });
  const forget = async () => {
    await post("/v1/matches/forget", { clip, other });
    await done();
  };
  const told = { accept: `${name} accepted`, reject: `${name} rejected`, forget: `Decision on ${name} taken back` }[verb];
  toast(told, { undo: verb === "forget" ? null : forget });
  await done();
}

/** Where a file lies and who recorded it, which tells two of one name apart: "A001/Clip · MixPre". */
export function placeOf({ card, folder, recorder }) {
  return [[card, folder].filter(Boolean).join("/"), recorder].filter(Boolean).join(" · ");
}

/** One candidate of `clip`: who it is, what speaks for it, what can be said (`verbs`). */
export function Candidate({ clip, other, kind, state, score, evidence, verbs, done }) {
  const name = other.name || other.id;
  const place = placeOf(other);
  const full = place ? `${name} (${place})` : name;
  const say = (verb) => () => decide(verb, clip, other.id, full, done);
  return html`<li class="candidate" aria-label=${full}>
    <div class="row spread"><strong class="name">${name}</strong><${MatchBadge} state=${state} /></div>
    ${place && html`<p>${place}</p>`}
    <p class="muted small">${[sentence(kind), other.timecode, `score ${Math.round(score * 100)} %`].filter(Boolean).join(" · ")}</p>
    <ul class="evidence small">${evidenceOf(evidence).map((each) => html`<li key=${each}>${each}</li>`)}</ul>
    <div class="row">
      ${verbs.includes("accept") && html`<${Button} icon="check" kind="primary" label=${`Accept ${full}`} onClick=${say("accept")}>Accept<//>`}
      ${verbs.includes("reject") && html`<${Button} icon="cross" label=${`Reject ${full}`} onClick=${say("reject")}>Reject<//>`}
      ${verbs.includes("forget") && html`<${Button} kind="quiet" label=${`Forget the decision on ${full}`} onClick=${say("forget")}>Forget<//>`}
    </div>
  </li>`;
}
