/** A clip sent to a sink by hand, whatever the routes say; never twice without a word. */

import { get, post } from "../../lib/api.js";
import { haveIt } from "../../lib/facts.js";
import { bytes, duration } from "../../lib/format.js";
import { html, useState } from "../../lib/html.js";
import { useFresh } from "../../lib/live.js";
import { Button, Dialog, Icon, Mark, Search, Select, confirm } from "../../lib/widgets.js";
import { Name } from "../clips/name.js";
import { pictureOf } from "../clips/showing.js";
import { act } from "./doing.js";

const SHOWN = 8;
const OPEN = ["ready", "running", "waiting"];

export function AddClip({ sinks, called, onClose, onAdded }) {
  const [q, setQ] = useState("");
  const [sink, setSink] = useState(sinks[0]?.value ?? "");
  const [route, setRoute] = useState("");
  const [told, tell] = useState("");
  const rules = useFresh(({ signal }) => get("/v1/rules", {}, { signal }), [], { kinds: ["pipeline"] });
  const there = (rules.data?.routes ?? []).filter((each) => each.to.some((to) => to.sink === sink)).map((each) => each.id);
  const goTo = (id) => (setSink(id), setRoute(""));
  const found = useFresh(({ signal }) => get("/v1/clips", { q, sort: "newest", limit: SHOWN }, { signal }), [q], { kinds: ["clip", "job"] });
  const place = called.get(sink) ?? sink;
  const add = (clip) => async () => {
    if (!(await isWanted(clip, sink, place, tell))) return;
    await post("/v1/queue/add", { clip: clip.clip, sink, route });
    tell(`${clip.name}${clip.card ? ` of card ${clip.card}` : ""} goes to ${place}`);
    onAdded();
  };
  const clips = found.data?.clips ?? [];
  return html`<${Dialog} title="Add a clip to the queue" onClose=${onClose} wide>
    <p class="muted">It is sent as it is, into the folder of the routes that go there, even if none of them takes it.</p>
    <div class="row queue-filters"><${Search} label="Search clips" value=${q} onInput=${setQ} />
      <${Select} label="To" value=${sink} onChange=${goTo} options=${sinks} />
      ${there.length > 1 && html`<${Select} label="Folder of" value=${route} onChange=${setRoute} options=${[{ value: "", label: "Any route" }, ...there.map((id) => ({ value: id, label: id }))]} />`}</div>
    ${found.error && html`<p class="bad" role="alert">${found.error.message}</p>`}
    <ul class="list">${clips.map((clip) => html`<li key=${clip.clip} class="row still spread add-row">
      ${clip.picture && html`<img class="add-picture" src=${pictureOf(clip.clip, 192)} alt="" loading="lazy" width="64" height="36" />`}
      <div class="grow"><p><${Name}>${clip.name}<//></p>
        <p class="small muted number">${about(clip)}</p>
        ${clip.problem ? html`<p class="small bad">Not readable as media</p>` : html`<p class="small row">${clip.state && html`<${Mark} state=${clip.state} />`}<span class="muted number">${clip.has.length > 0 && haveIt(clip.has.map((id) => called.get(id) ?? id))}</span></p>`}</div>
      <${Button} icon="plus" label=${`Add ${clip.name}`} disabled=${!sink} onClick=${add(clip)}><span aria-hidden="true">Add</span><//></li>`)}</ul>
    ${found.data && clips.length === 0 && html`<p class="muted">No clip has that in its name.</p>`}
    ${found.data?.total > clips.length && html`<p class="small muted number">${found.data.total - clips.length} more: type a part of the name.</p>`}
    <p class="row good" role="status">${told && html`<${Icon} name="check" />${told}`}</p>
    <div class="row end"><${Button} onClick=${onClose}>Close<//></div>
  <//>`;
}

function about({ card, scene, slate, take, size, duration: length }) {
  const named = [scene && `Scene ${scene}`, slate && `Slate ${slate}`, take && `Take ${take}`];
  return [card, ...named, length ? duration(length) : "", bytes(size)].filter(Boolean).join(" · ");
}

/** Whether it is to be added, in view of what went there before; what was given up there is tried again instead. */
async function isWanted({ clip, name, problem }, sink, place, tell) {
  const { jobs } = await get(`/v1/clips/${encodeURIComponent(clip)}`);
  const there = jobs.filter((job) => job.sinks.includes(sink));
  if (there.some((job) => OPEN.includes(job.state))) {
    tell(`${name} is on its way to ${place} already`);
    return false;
  }
  const given = there.find((job) => ["cancelled", "parked"].includes(job.state));
  if (given) {
    await act("retry", [given.id], { name, problem, to: [place] });
    return false;
  }
  if (there.some((job) => job.route === `to.${sink}`)) {
    tell(`${name} was added to ${place} before, and is there`);
    return false;
  }
  if (there.length) return confirm(`${name} was delivered to ${place} already. There will be two of it.`, { yes: "Send it again", no: "Leave it" });
  if (problem) return confirm(`${name} may be damaged (${problem}). It is sent to ${place} as it is.`, { yes: "Send it as it is", no: "Leave it", danger: true });
  return true;
}
