/** A clip sent to a sink by hand, whatever the routes say. */

import { get, post } from "../../lib/api.js";
import { bytes } from "../../lib/format.js";
import { html, useState } from "../../lib/html.js";
import { useFresh } from "../../lib/live.js";
import { Button, Dialog, Search, Select, toast } from "../../lib/widgets.js";

const SHOWN = 8;

export function AddClip({ sinks, onClose, onAdded }) {
  const [q, setQ] = useState("");
  const [sink, setSink] = useState(sinks[0] ?? "");
  const [route, setRoute] = useState("");
  const rules = useFresh(({ signal }) => get("/v1/rules", {}, { signal }), [], { kinds: ["pipeline"] });
  const there = (rules.data?.routes ?? []).filter((each) => each.to.some((to) => to.sink === sink)).map((each) => each.id);
  const goTo = (id) => (setSink(id), setRoute(""));
  const found = useFresh(({ signal }) => get("/v1/clips", { q, sort: "newest", limit: SHOWN }, { signal }), [q], { kinds: ["clip"] });
  const add = (clip) => async () => {
    await post("/v1/queue/add", { clip: clip.clip, sink, route });
    toast(`${clip.name} goes to ${sink}`);
    onAdded();
  };
  const clips = found.data?.clips ?? [];
  return html`<${Dialog} title="Add a clip to the queue" onClose=${onClose} wide>
    <p class="muted">It is sent as it is, into the folder of the routes that go there, even if none of them takes it.</p>
    <div class="row queue-filters"><${Search} label="Search clips" value=${q} onInput=${setQ} />
      <${Select} label="To" value=${sink} onChange=${goTo} options=${sinks.map((id) => ({ value: id, label: id }))} />
      ${there.length > 1 && html`<${Select} label="Folder of" value=${route} onChange=${setRoute} options=${[{ value: "", label: "Any route" }, ...there.map((id) => ({ value: id, label: id }))]} />`}</div>
    ${found.error && html`<p class="bad" role="alert">${found.error.message}</p>`}
    <ul class="list">${clips.map((clip) => html`<li key=${clip.clip} class="row still spread"><div class="grow"><p class="ellipsis">${clip.name}</p>
      <p class="small muted ellipsis number">${[clip.card, bytes(clip.size)].filter(Boolean).join(" · ")}</p></div>
      <${Button} icon="plus" label=${`Add ${clip.name}`} disabled=${!sink} onClick=${add(clip)}><span aria-hidden="true">Add</span><//></li>`)}</ul>
    ${found.data && clips.length === 0 && html`<p class="muted">No clip has that in its name.</p>`}
    ${found.data?.total > clips.length && html`<p class="small muted number">${found.data.total - clips.length} more: type a part of the name.</p>`}
    <div class="row end"><${Button} onClick=${onClose}>Close<//></div>
  <//>`;
}
