/** Every clip: searched, filtered, a page at a time. The filters are in the address. */

import { get } from "../lib/api.js";
import { haveIt, sentence } from "../lib/facts.js";
import { bytes, count, date, duration, number } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { useNames } from "../lib/live.js";
import { go, href } from "../lib/route.js";
import { Button, Empty, Failure, Icon, Mark, Page, Search, Select, stateWord, Timecode, usePaging } from "../lib/widgets.js";
import { DaySelect } from "./clips/days.js";
import { Name } from "./clips/name.js";
import { pictureOf } from "./clips/showing.js";

const MATCHES = { matched: "Matched", ambiguous: "Ambiguous", unmatched: "Not matched" };
const SORTS = { name: "Name", newest: "Newest first", timecode: "Timecode" };
const ICONS = { video: "clips", audio: "sound", sound: "sound", image: "image", still: "image" };
/** What a screen holds; counting takes longer than finding. `before.js` asks this. */
const GLANCE = { limit: 10, counted: false };
const FILTERS = ["q", "card", "kind", "state", "match", "problem", "day"];
const MEDIA = { true: "With a problem", false: "Sound" };
/** What a filter that is set says on its button. */
const SAYS = {
  q: (words) => `“${words}”`, card: (card) => `card ${card}`, kind: (kind) => kind, state: (state) => stateWord(state).toLowerCase(),
  match: (match) => (MATCHES[match] ?? match).toLowerCase(), problem: (value) => `media ${(MEDIA[value] ?? value).toLowerCase()}`, day: date,
};

export default function Clips({ query }) {
  const asked = Object.fromEntries([...FILTERS, "sort"].filter((name) => query[name]).map((name) => [name, query[name]]));
  const find = (more, signal) => get("/v1/clips", { ...asked, ...more }, { signal }).then((found) => ({ ...found, items: found.clips }));
  const list = usePaging(({ limit, after, signal }) => find({ limit, after }, signal), [asked], {
    kinds: ["clip", "job", "step", "component"],
    glance: ({ signal }) => find(GLANCE, signal),
  });
  const [open, setOpen] = useState(false);
  const called = useNames();
  const set = (name) => (value) => go("/clips", { ...asked, [name]: value }, { replace: true });
  const filtered = FILTERS.some((name) => asked[name]);
  const facets = list.document?.facets ?? { cards: [], kinds: {}, states: {} };
  const failed = facets.states.parked ?? 0;
  const folded = FILTERS.filter((name) => name !== "q" && asked[name]).length;
  const choose = (name, label, all, options) =>
    html`<${Select} label=${label} value=${asked[name] ?? ""} onChange=${set(name)} options=${[{ value: "", label: all }, ...options]} />`;
  const words = (names) => Object.entries(names).map(([value, label]) => ({ value, label }));

  const report = html`<${Button} kind="quiet" icon="file" href=${href(asked.day ? `/report/${asked.day}` : "/report")}>Report of the day<//>`;
  return html`<${Page} title="Clips" note=${list.total === null ? "" : count(list.total, "clip")} actions=${report}>
    <div class="row clip-filters" role="search" aria-label="Clips">
      <${Search} label="Search name, scene, slate or take" value=${asked.q ?? ""} onInput=${set("q")} />
      <span class="clip-fold"><${Button} aria-expanded=${open ? "true" : "false"} onClick=${() => setOpen(!open)}>Filters${folded ? ` (${folded})` : ""}<//></span>
      <div class=${`clip-folded ${open ? "open" : ""}`}>
      ${choose("card", "Card", "Every card", [...new Set([...facets.cards, ...(asked.card ? [asked.card] : [])])].map((card) => ({ value: card, label: card })))}
      ${choose("kind", "Kind", "Every kind", Object.entries(facets.kinds).map(([value, n]) => ({ value, label: value, count: n })))}
      ${choose("state", "State", "Every state", Object.entries(facets.states).filter(([value]) => value).map(([value, n]) => ({ value, label: stateWord(value), count: n })))}
      ${choose("match", "Match", "Any", words(MATCHES))}
      ${choose("problem", "Media", "Any", words(MEDIA))}
      <${DaySelect} value=${asked.day ?? ""} ready=${list.total !== null} onChange=${set("day")} />
      <${Select} label="Order" value=${asked.sort ?? "name"} onChange=${set("sort")} options=${words(SORTS)} />
      ${filtered && html`<${Button} kind="quiet" href=${href("/clips", { sort: asked.sort })}>Clear filters<//>`}</div>
      ${failed > 0 && !asked.state && html`<${Button} kind="danger" icon="cross" href=${href("/clips", { ...asked, state: "parked" })}>${number(failed)} failed<//>`}
    </div>
    ${list.error && html`<${Failure} error=${list.error} onRetry=${list.reload} bare=${!list.document} />`}
    ${list.items.length > 0 && html`<section class="card" aria-label="Clips">
      <ul class="list">${list.items.map((clip) => html`<${Row} key=${clip.clip} clip=${clip} called=${called} />`)}</ul>${list.rest}</section>`}
    ${list.document && !list.items.length && html`<${Empty} icon="clips" title=${filtered ? "Nothing of that kind" : "No clips yet"}>
      ${filtered ? "No clip is all of what you look for." : "Clips show here as soon as a card or a folder has some."}<//>
      ${filtered && html`<div class="row clip-clear">${FILTERS.filter((name) => asked[name]).map((name) => html`<${Button} key=${name} icon="cross" onClick=${() => set(name)("")}>Clear ${SAYS[name](asked[name])}<//>`)}</div>`}`}
  <//>`;
}

/** A picture where there is one, else what kind of file it is. */
function Tile({ clip }) {
  const [shown, setShown] = useState(clip.picture);
  return html`<span class="clip-tile">${shown
    ? html`<img src=${pictureOf(clip.clip, 192)} alt="" loading="lazy" decoding="async" width="96" height="54" onError=${() => setShown(false)} />`
    : html`<${Icon} name=${ICONS[clip.kind] ?? "file"} />`}</span>`;
}

function Row({ clip, called }) {
  const take = [clip.scene && `Scene ${clip.scene}`, clip.slate && `Slate ${clip.slate}`, clip.take && `Take ${clip.take}`];
  const about = [...take, clip.card, bytes(clip.size), clip.duration ? duration(clip.duration) : ""].filter(Boolean).join(" · ");
  return html`<li class="clip-row">
    <${Tile} clip=${clip} />
    <div class="clip-what">
      <p class="row"><a class="name" href=${href(`/clips/${clip.clip}`)}><${Name}>${clip.name}<//></a>
        ${clip.circled && html`<span class="badge accent"><${Icon} name="star" size="14" /> Circled</span>`}
        ${clip.ambiguous ? html`<span class="badge warn">Ambiguous</span>` : clip.matched === "matched" && html`<span class="badge good">Matched</span>`}
        ${!clip.complete && html`<span class="badge">Still recording</span>`}</p>
      <p class="muted small">${about}</p>
      ${clip.problem && html`<p class="small bad">${sentence(clip.problem)}</p>`}
    </div>
    <div class="clip-state">${clip.timecode && html`<${Timecode}>${clip.timecode}<//>`}
      ${clip.state ? html`<${Mark} state=${clip.state} text=${clip.state === "done" && clip.problem ? "Delivered, not readable" : undefined} />` : html`<span class="muted small">No route</span>`}
      ${clip.deliveries > 0 && html`<span class="small muted number">${clip.has.length ? haveIt(clip.has.map((sink) => called.get(sink) ?? sink)) : `${number(clip.delivered)} of ${number(clip.deliveries)} delivered`}</span>`}</div>
  </li>`;
}
