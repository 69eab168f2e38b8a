/** Where clips go, in the few lines that a glance needs. */

import { isPaused, plain, rateTo, sentence, serviceName } from "../../lib/facts.js";
import { clock, count, rate } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { restingAt } from "../../lib/remaining.js";
import { href } from "../../lib/route.js";
import { Icon, Mark } from "../../lib/widgets.js";
import { PauseButton } from "../connection/pause.js";

export function Connection({ component, status }) {
  const { facts, id } = component;
  return html`<section class="card connection-glance" aria-labelledby=${`glance-${id}`}>
    <div class="card-head"><h2 id=${`glance-${id}`}><a href=${href(`/connection/${id}`)}>${serviceName(component)}</a></h2>
      <${Reachable} component=${component} paused=${isPaused(status, id)} /></div>
    <${Trouble} component=${component} />
    <dl class="facts">
      <dt>Project</dt><dd><strong>${facts.project ?? "–"}</strong></dd>
      <dt>User</dt><dd>${facts.user ?? "–"}</dd>
      <${NetworkFacts} component=${component} status=${status} />
    </dl>
    <div><${PauseButton} status=${status} sink=${id} /></div>
  </section>`;
}

/** Whether it can be reached now, in a word. */
export function Reachable({ component, paused }) {
  const { facts, state } = component;
  if (paused) return html`<${Mark} state="paused" text="Paused by you" />`;
  if (facts.silent_since) return html`<${Mark} state="fair" text="No answer" />`;
  if (facts.connected === false && state !== "opening") return html`<${Mark} state="poor" text="No connection" />`;
  if (state === "opening") return html`<${Mark} state="waiting" text="Connecting" />`;
  if (state === "unavailable") return html`<${Mark} state="poor" text="Not available" />`;
  if (facts.paused) return html`<${Mark} state="paused" text="Paused in Frame.io" />`;
  return html`<${Mark} state="good" text=${facts.connected === undefined ? "Ready" : "Connected"} />`;
}

/** Why nothing goes there, or not all: each said once. With a `status` also what a pause holds up. */
export function Trouble({ component, status }) {
  const { facts, reason, state } = component;
  const name = serviceName(component);
  const resting = status && restingAt(status, component.id);
  const away = facts.silent_since || facts.connected === false;
  const heard = facts.heard_at ? ` It was last heard at ${clock(facts.heard_at, { seconds: true })}.` : "";
  const lines = [
    status && isPaused(status, component.id) && ["pause", `Paused by you: ${resting ? count(resting.files, "file waits", "files wait") : "what comes waits"}.`],
    facts.silent_since ? ["offline", `${name} has not answered since ${clock(facts.silent_since, { seconds: true })}. It goes on by itself when it does.`]
      : reason ? ["offline", `${sentence(plain(reason))}.${away ? " It goes on by itself when it can." : ""}`]
        : away && state === "open" && ["offline", `${name} cannot be reached.${heard} It goes on by itself when it can.`],
    facts.paused && ["pause", "The project is paused in Frame.io: what is shot now is never uploaded; what was shot before goes on."],
  ].filter(Boolean);
  return lines.map(([icon, text]) => html`<div key=${text} class="notice warn"><${Icon} name=${icon} /><p>${text}</p></div>`);
}

/** Kind of network, health, rate; nothing where a sink tells of none. */
export function NetworkFacts({ component, status, name = "Network" }) {
  const { facts, id } = component;
  if (facts.network === undefined) return null;
  const none = facts.network === "none";
  const sent = rateTo(status, id);
  return html`<dt>${name}</dt><dd>${none ? "None" : facts.network}</dd>
    <dt>Health</dt><dd><span class="row">${facts.health && !facts.silent_since ? html`<${Mark} state=${facts.health} />` : "–"}
      <span class="number muted">${sent > 0 && !isPaused(status, id) ? `sending ${rate(sent)}` : ""}</span></span></dd>
    ${facts.cap && html`<dt>Limit</dt><dd class="number">${facts.cap}, set here</dd>`}
    ${facts.heard_at && !facts.silent_since && html`<dt>Last heard</dt><dd class="number">${clock(facts.heard_at)}</dd>`}`;
}
