/** Where clips go, in the few lines that a glance needs. */

import { isPaused, plain, sentence, serviceName } from "../../lib/facts.js";
import { html } from "../../lib/html.js";
import { href } from "../../lib/route.js";
import { Icon, Mark } from "../../lib/widgets.js";
import { PauseButton } from "../connection/pause.js";

export function Connection({ component, status }) {
  const { facts, id } = component;
  return html`<section class="card connection-glance" aria-labelledby=${`glance-${id}`}>
    <div class="card-head"><h2 id=${`glance-${id}`}><a href=${href(`/connection/${id}`)}>${serviceName(component)}</a></h2>
      <${Reachable} component=${component} paused=${isPaused(status, id)} /></div>
    <dl class="facts">
      <dt>Project</dt><dd><strong>${facts.project ?? "–"}</strong></dd>
      <dt>User</dt><dd>${facts.user ?? "–"}</dd>
      <${NetworkFacts} facts=${isPaused(status, id) ? { ...facts, sending: "" } : facts} />
    </dl>
    ${component.reason && html`<p class="warn small">${sentence(plain(component.reason))}</p>`}
    ${facts.paused && html`<p class="warn row still"><${Icon} name="pause" size="20" />
      <span>Paused in Frame.io: what is shot now is not uploaded.</span></p>`}
    <div><${PauseButton} status=${status} sink=${id} /></div>
  </section>`;
}

/** Whether it can be reached now, in a word. */
export function Reachable({ component, paused }) {
  const { facts, state } = component;
  if (paused) return html`<${Mark} state="paused" text="Paused here" />`;
  if (facts.paused) return html`<${Mark} state="paused" />`;
  if (facts.connected === false) return html`<${Mark} state="poor" text="No connection" />`;
  if (state === "opening") return html`<${Mark} state="waiting" text="Connecting" />`;
  if (state === "unavailable") return html`<${Mark} state="poor" text="Not available" />`;
  return html`<${Mark} state="good" text=${facts.connected === undefined ? "Ready" : "Connected"} />`;
}

/** Kind of network, health, rate; nothing where a sink tells of none. */
export function NetworkFacts({ facts, name = "Network" }) {
  if (facts.network === undefined) return null;
  const none = facts.network === "none";
  return html`<dt>${name}</dt><dd>${none ? "None" : facts.network}</dd>
    <dt>Health</dt><dd><span class="row">${facts.health ? html`<${Mark} state=${facts.health} />` : "–"}
      <span class="number muted">${facts.sending ? `sending ${facts.sending}` : ""}</span></span></dd>`;
}
