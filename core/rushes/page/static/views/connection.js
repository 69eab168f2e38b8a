/** The connection manager: where clips go, who is connected, and how to change that. */

import { post } from "../lib/api.js";
import { connectables, connectionOf, isPaused, plain, sentence, serviceName, sinks } from "../lib/facts.js";
import { count } from "../lib/format.js";
import { html } from "../lib/html.js";
import { tryNow, useStatus } from "../lib/live.js";
import { restingAt } from "../lib/remaining.js";
import { href } from "../lib/route.js";
import { Button, Empty, Page, confirm } from "../lib/widgets.js";
import { Manager } from "./connection/manager.js";
import { PauseButton } from "./connection/pause.js";
import { NetworkFacts, Reachable } from "./overview/connection.js";

export default function Connection({ parts }) {
  const status = useStatus();
  const places = connectables(status);
  const chosen = places.find((each) => each.id === parts[0]) ?? places[0];
  const others = sinks(status).filter((each) => !places.includes(each));
  return html`<${Page} title="Connection">
    ${places.length > 1 && html`<nav class="row" aria-label="Services">${places.map(
      (each) => html`<a key=${each.id} class="chip" href=${href(`/connection/${each.id}`)}
        aria-current=${each === chosen ? "true" : undefined}>${serviceName(each)}</a>`,
    )}</nav>`}
    ${chosen ? html`<${Manager} key=${chosen.id} component=${chosen} />
      <${Network} component=${chosen} status=${status} />` : html`<${Empty} icon="disk" title="Nothing to connect">
        No sink of this pipeline needs a login or a code.<//>`}
    ${others.length > 0 && html`<section class="card" aria-labelledby="others-head"><h2 id="others-head">Other sinks</h2>
      <ul class="list">${others.map((each) => html`<${Other} key=${each.id} sink=${each} status=${status} />`)}</ul></section>`}
    <section class="card row spread" aria-labelledby="browser-head">
      <div><h2 id="browser-head">This browser</h2><p class="muted">Signed in to this page.</p></div>
      <${Button} icon="out" onClick=${leave}>Sign out<//></section>
  <//>`;
}

function Network({ component, status }) {
  // Of a sink that nobody has connected the network is that of long ago.
  if (component.facts.network === undefined || connectionOf(component) !== "connected") return null;
  return html`<section class="card" aria-labelledby="network-head"><h2 id="network-head">Network</h2>
    <dl class="facts"><${NetworkFacts} component=${component} status=${status} name="In use" /></dl></section>`;
}

/** One that is away has nothing that could be paused: it says what to do, and that it goes on by itself then. */
function Other({ sink, status }) {
  const paused = isPaused(status, sink.id);
  const resting = restingAt(status, sink.id);
  return html`<li class="row spread other"><div class="grow"><p>${sink.id} <span class="muted small">${sink.use}</span></p>
      ${sink.reason && html`<p class="warn small">${sentence(plain(sink.reason))}. It goes on by itself then.</p>`}
      ${paused && resting && html`<p class="muted small">${count(resting.files, "file waits", "files wait")} for it.</p>`}</div>
    <${Reachable} component=${sink} paused=${paused} />
    ${(paused || sink.state !== "unavailable") && html`<${PauseButton} status=${status} sink=${sink.id} />`}</li>`;
}

async function leave() {
  if (!(await confirm("To come back you need a new link: pipeline open FILE.", { yes: "Sign out", title: "Sign out of this page?" }))) return;
  await post("/leave");
  tryNow();
}
