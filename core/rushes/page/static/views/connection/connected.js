/** Connected: to what, as whom, until when; leave it, or choose another. */

import { act } from "../../lib/api.js";
import { isPaused } from "../../lib/facts.js";
import { clock, day, left } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { useStatus } from "../../lib/live.js";
import { Button, confirm, toast } from "../../lib/widgets.js";
import { Reachable, Trouble } from "../overview/connection.js";
import { PauseButton } from "./pause.js";

/** Seconds before its end from which an authorisation is warned of. */
const SOON_S = 86_400;

export function Connected({ component, onAnswer, onChange }) {
  const status = useStatus();
  const { facts, id } = component;
  const disconnect = async () => {
    const text = `This device leaves ${facts.project}. What is queued waits for that project; nothing is lost.`;
    if (await confirm(text, { yes: "Disconnect", danger: true })) onAnswer(await act(id, "disconnect"));
  };
  const logOut = async () => {
    const text = `This device leaves ${facts.project}, and everything that was kept to log in is wiped. What is queued stays.`;
    if (!(await confirm(text, { yes: "Log out", danger: true }))) return;
    const answer = await act(id, "logout");
    onAnswer(answer);
    if (answer.untold) toast("Frame.io could not be told: remove this device in the project's C2C Connections", { bad: true });
  };
  return html`<div class="stack">
    <div class="row spread connected-head"><div class="grow"><p class="muted">Connected to</p><h2 class="project">${facts.project}</h2></div>
      <${Reachable} component=${component} paused=${isPaused(status, id)} /></div>
    <${Trouble} component=${component} status=${status} />
    <dl class="facts">
      <dt>User</dt><dd>${facts.user ?? "–"}</dd>
      ${facts.email && html`<dt>E-mail</dt><dd>${facts.email}</dd>`}
      <dt>Device</dt><dd>${facts.device ?? "–"}</dd>
      <dt>Presence</dt><dd>${facts.silent_since ? "–" : facts.online ? "Online in Frame.io" : "Not online in Frame.io"}</dd>
      ${facts.expires_at && html`<dt>Ends</dt><dd><${Ends} at=${facts.expires_at} /></dd>`}
    </dl>
    <div class="row manager-verbs">
      <${PauseButton} status=${status} sink=${id} />
      <${Button} icon="connection" onClick=${onChange}>Another project<//>
      <${Button} icon="unlink" kind="danger" onClick=${disconnect}>Disconnect<//>
      <${Button} icon="out" onClick=${logOut}>Log out<//>
    </div>
  </div>`;
}

function Ends({ at }) {
  const rest = at - Date.now() / 1000;
  const text = `${day(at)}, ${clock(at)}`;
  return rest < SOON_S ? html`<span class="warn">${text} (${rest > 0 ? `in ${left(rest)}` : "over"})</span>` : text;
}
