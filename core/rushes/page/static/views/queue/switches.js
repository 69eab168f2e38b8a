/** Sinks that rest, routes whose jobs wait for a person. */

import { get, post } from "../../lib/api.js";
import { isPaused, serviceName, sinks } from "../../lib/facts.js";
import { html } from "../../lib/html.js";
import { useFresh } from "../../lib/live.js";
import { Button, Mark } from "../../lib/widgets.js";
import { PauseButton } from "../connection/pause.js";

export function Switches({ status }) {
  const rules = useFresh(({ signal }) => get("/v1/rules", {}, { signal }), [], { kinds: ["rules"] });
  const places = sinks(status);
  const routes = (rules.data?.routes ?? []).map(({ id, auto }) => ({ id, auto: status.switches.auto[id] ?? auto }));
  const paused = places.filter((each) => isPaused(status, each.id)).map(serviceName);
  const manual = routes.filter((each) => !each.auto).map((each) => each.id);
  return html`<details class="card switches"><summary><span class="grow"><h2>Sinks and routes</h2></span>
      ${paused.length > 0 && html`<${Mark} state="paused" text=${`Paused: ${paused.join(", ")}`} />`}
      ${manual.length > 0 && html`<${Mark} state="waiting" text=${`Waits for you: ${manual.join(", ")}`} />`}
      ${paused.length + manual.length === 0 && html`<span class="muted small">All go by themselves</span>`}</summary>
    <ul class="list">
      ${places.map((each) => html`<li key=${`s${each.id}`} class="row spread"><p class="grow"><strong>${serviceName(each)}</strong><br />
        <span class="small muted">${isPaused(status, each.id) ? "Paused by you: nothing is sent there" : "What comes is sent"}</span></p>
        <${PauseButton} status=${status} sink=${each.id} /></li>`)}
      ${routes.map((each) => html`<${Route} key=${`r${each.id}`} route=${each} />`)}
    </ul></details>`;
}

function Route({ route: { id, auto } }) {
  const turn = () => post(`/v1/switches/${auto ? "manual" : "auto"}`, { names: [id] });
  return html`<li class="row spread"><p class="grow"><strong>${id}</strong><br />
      <span class="small muted">${auto ? "Route: new clips go by themselves" : "Route: new clips wait until you release them"}</span></p>
    <${Button} icon=${auto ? "person" : "play"} onClick=${turn}>${auto ? "Let it wait for me" : "Let it go by itself"}<span class="unseen">: route ${id}</span><//></li>`;
}
