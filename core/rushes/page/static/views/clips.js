/** Every clip: searched, filtered, a page at a time. The filters are in the address. */

import { get } from "../lib/api.js";
import { bytes, count, duration, number } from "../lib/format.js";
import { html, useState } from "../lib/html.js";
import { go, href } from "../lib/route.js";
import { Button, Empty, Failure, Icon, Mark, Page, Search, Select, Timecode, usePaging } from "../lib/widgets.js";
import { pictureOf } from "./clips/showing.js";

const STATES = { ready: "Queued", running: "Working", waiting: "Waiting", done: "Delivered", parked: "Failed", cancelled: "Cancelled", withdrawn: "Withdrawn" };
const MATCHES = { matched: "Matched", ambiguous: "Ambiguous", unmatched: "Not matched" };
const SORTS = { name: "Name", newest: "Newest first", timecode: "Timecode" };
const ICONS = { video: "clips", audio: "sound", sound: "sound", image: "image", still: "image" };
/** What a screen holds; counting takes longer than finding. `before.js` asks this. */
const GLANCE = { limit: 12, counted: false };
const FILTERS = ["q", "card", "kind", "state", "match", "problem", "day"];

export default function Clips({ query }) {
  const asked = Object.fromEntries([...FILTERS, "sort"].filter((name) => query[name]).map((name) => [name, query[name]]));
  const find = (more, signal) => get("/v1/clips", { ...asked, ...more }, { signal }).then((found) => ({ ...found, items: found.clips }));
  const list = usePaging(({ limit, after, signal }) => find({ limit, after }, signal), [asked], {
    kinds: ["clip", "job", "step", "component"],
    glance: ({ signal }) => find(GLANCE, signal),
  });
  const set = (name) => (value) => go("/clips", { ...asked, [name]: value }, { replace: true });
  const filtered = FILTERS.some((name) => asked[name]);
  const facets = list.document?.facets ?? { cards: [], kinds: {}, states: {} };
  const choose = (name, label, all, options) =>
    html`<${Select} label=${label} value=${asked[name] ?? ""} onChange=${set(name)} options=${[{ value: "", label: all }, ...options]} />`;
  const words = (names) => Object.entries(names).map(([value, label]) => ({ value, label }));

  return html`<${Page} title="Clips" note=${list.total === null ? "" : count(list.total, "clip")}>
    <div class="row clip-filters" role="search" aria-label="Clips">
      <${Search} label="Search name, scene, slate or take" value=${asked.q ?? ""} onInput=${set("q")} />
      ${choose("card", "Card", "Every card", facets.cards.map((card) => ({ value: card, label: card })))}
      ${choose("kind", "Kind", "Every kind", Object.entries(facets.kinds).map(([value, n]) => ({ value, label: value, count: n })))}
      ${choose("state", "State", "Every state", Object.entries(facets.states).filter(([value]) => value).map(([value, n]) => ({ value, label: STATES[value] ?? value, count: n })))}
      ${choose("match", "Match", "Any", words(MATCHES))}
      ${choose("problem", "Media", "Any", [{ value: "true", label: "With a problem" }, { value: "false", label: "Sound" }])}
      <label class="field"><span class="field-name">Shooting day</span>
        <input type="date" value=${asked.day ?? ""} onChange=${(event) => set("day")(event.currentTarget.value)} /></label>
      <${Select} label="Order" value=${asked.sort ?? "name"} onChange=${set("sort")} options=${words(SORTS)} />
      ${filtered && html`<${Button} kind="quiet" href=${href("/clips", { sort: asked.sort })}>Clear filters<//>`}
    </div>
    ${list.error && html`<${Failure} error=${list.error} onRetry=${list.reload} />`}
    ${list.items.length > 0 && html`<section class="card" aria-label="Clips">
      <ul class="list">${list.items.map((clip) => html`<${Row} key=${clip.clip} clip=${clip} />`)}</ul>${list.rest}</section>`}
    ${list.document && !list.items.length && html`<${Empty} icon="clips" title=${filtered ? "Nothing of that kind" : "No clips yet"}>
      ${filtered ? "No clip has what you look for." : "Clips show here as soon as a card or a folder has some."}<//>`}
  <//>`;
}

/** A picture where there is one, else what kind of file it is. */
function Tile({ clip }) {
  const [shown, setShown] = useState(clip.picture);
  return html`<span class="clip-tile">${shown
    ? html`<img src=${pictureOf(clip.clip, 192)} alt="" loading="lazy" decoding="async" width="96" height="54" onError=${() => setShown(false)} />`
    : html`<${Icon} name=${ICONS[clip.kind] ?? "file"} />`}</span>`;
}

function Row({ clip }) {
  const take = [clip.scene && `Scene ${clip.scene}`, clip.slate && `Slate ${clip.slate}`, clip.take && `Take ${clip.take}`];
  const about = [...take, clip.card, bytes(clip.size), clip.duration ? duration(clip.duration) : ""].filter(Boolean).join(" · ");
  return html`<li class="clip-row">
    <${Tile} clip=${clip} />
    <div class="clip-what">
      <p class="row"><a class="name" href=${href(`/clips/${clip.clip}`)}>${clip.name}</a>
        ${clip.circled && html`<span class="badge accent"><${Icon} name="star" size="14" /> Circled</span>`}
        ${clip.ambiguous ? html`<span class="badge warn">Ambiguous</span>` : clip.matched === "matched" && html`<span class="badge good">Matched</span>`}
        ${!clip.complete && html`<span class="badge">Still recording</span>`}</p>
      <p class="muted small">${about}</p>
      ${clip.problem && html`<p class="small bad">${clip.problem}</p>`}
    </div>
    <div class="clip-state">${clip.timecode && html`<${Timecode}>${clip.timecode}<//>`}
      ${clip.state ? html`<${Mark} state=${clip.state} />` : html`<span class="muted small">No route</span>`}
      ${clip.deliveries > 0 && html`<span class="small muted number">${number(clip.delivered)} of ${number(clip.deliveries)} delivered</span>`}</div>
  </li>`;
}
