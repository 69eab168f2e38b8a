/** The clips of a day by card, a page at a time: a table where there is room for one, else a card each. */

import { get } from "../../lib/api.js";
import { namesOf, sentence } from "../../lib/facts.js";
import { bytes, count, duration, number } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { useStatus } from "../../lib/live.js";
import { href } from "../../lib/route.js";
import { Failure, Icon, Mark, Timecode, usePaging } from "../../lib/widgets.js";
import { useRested } from "../../lib/rested.js";

const HEADS = ["Clip", "Timecode", "Length", "Scene and take", "Match", "State"];
const MATCHES = { matched: "Matched", ambiguous: "Ambiguous" };

/** `cards` are those of the report's summary; before it is there nothing is shown that it would push down. */
export function Clips({ day, cards }) {
  const list = usePaging(
    ({ limit, after, signal }) =>
      get("/v1/clips", { day, sort: "name", limit, after }, { signal }).then((found) => ({ ...found, items: found.clips })),
    [day],
  );
  useRested(list.reload, ["clip", "job", "step"]);
  if (!cards) return null;
  if (list.error) return html`<${Failure} error=${list.error} onRetry=${list.reload} />`;
  return html`${byCard(list.items).map(
    ([card, clips]) => html`<section class="card" key=${card} aria-label=${`Card ${card}`}>
      <div class="card-head report-card"><h2>${card}</h2><${About} lines=${cards.filter((each) => each.card === card)} /></div>
      <${Table} card=${card} clips=${clips} /></section>`,
  )}${list.rest}`;
}

/** Names have the room of the timecode where a card has none. */
function Table({ card, clips }) {
  const timed = clips.some((clip) => clip.timecode);
  const heads = timed ? HEADS : HEADS.filter((head) => head !== "Timecode");
  return html`<div class=${timed ? "report-clips" : "report-clips untimed"} role="table" aria-label=${`Clips of ${card}`}>
    <div class="report-heads" role="row">${heads.map((head) => html`<span key=${head} role="columnheader">${head}</span>`)}</div>
    ${clips.map((clip) => html`<${Row} key=${clip.clip} clip=${clip} timed=${timed} />`)}</div>`;
}

function byCard(clips) {
  const groups = new Map();
  for (const clip of clips) groups.set(clip.card, [...(groups.get(clip.card) ?? []), clip]);
  return [...groups];
}

/** A card may have gone through several cameras. */
function About({ lines }) {
  const named = namesOf(useStatus());
  const has = ({ sink, clips, delivered }) => `${named.get(sink) ?? sink} ${delivered === clips ? "has all" : `${number(delivered)} of ${number(clips)}`}`;
  return html`<div class="small muted number">${lines.map((each) => html`<p key=${each.camera}>${[
    each.camera && `Camera ${each.camera}`,
    count(each.clips, "clip"),
    each.duration > 0 && duration(each.duration),
    bytes(each.bytes),
    each.handed_over ? "all delivered" : each.undelivered > 0 && [`${number(each.undelivered)} not delivered`, each.sinks.map(has).join(", ")].filter(Boolean).join(": "),
    each.unrouted > 0 && `${number(each.unrouted)} sent nowhere`,
  ].filter(Boolean).join(" · ")}</p>`)}</div>`;
}

function Row({ clip, timed }) {
  const said = [clip.scene, clip.slate, clip.take];
  const take = said.some(Boolean) ? [clip.scene && `Scene ${clip.scene}`, clip.slate && `Slate ${clip.slate}`, clip.take && `Take ${clip.take}`].filter(Boolean).join(", ") : "";
  const media = clip.kind === "video" || clip.kind === "audio";
  return html`<div class="report-row" role="row">
    <div role="cell" class="report-name"><a class="name" href=${href(`/clips/${clip.clip}`)}>${clip.name}</a>
      ${clip.circled && html` <span class="badge accent"><${Icon} name="star" size="14" /> Circled</span>`}
      ${!clip.complete && html` <span class="badge">Still recording</span>`}
      ${clip.problem && html`<p class="small bad">${sentence(clip.problem)}</p>`}</div>
    ${timed && html`<div role="cell" class="report-timecode">${clip.timecode && html`<${Timecode}>${clip.timecode}<//>${clip.timecode_end && html` <${Timecode}>${clip.timecode_end}<//>`}`}</div>`}
    <div role="cell" class="number">${clip.duration ? duration(clip.duration) : ""}</div>
    <div role="cell">${take}</div>
    <div role="cell">${media ? (MATCHES[clip.matched] ?? html`<span class="muted">Not matched</span>`) : ""}</div>
    <div role="cell">${clip.state ? html`<${Mark} state=${clip.state} />` : html`<span class="muted">No route</span>`}</div>
  </div>`;
}
