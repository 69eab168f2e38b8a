/** A login with a browser, for applications. */

import { html, useState } from "../../lib/html.js";
import { duration } from "../../lib/format.js";
import { Button, Icon } from "../../lib/widgets.js";
import { useAction, useCountdown } from "./asking.js";
import { Failed } from "./pairing.js";

const HERE = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

export function Login({ component, onDone, onEnd }) {
  const [round, setRound] = useState(0);
  const { told, error } = useAction(component.id, "login", onDone, round);
  return html`<div class="stack login">
    <h2>Log in to Frame.io</h2>
    ${error && html`<${Failed} error=${error} />`}
    ${!error && !told && html`<p class="muted" role="status">Preparing the login</p>`}
    ${told && html`<${Way} told=${told} />`}
    <div class="row end">${error && html`<${Button} icon="retry" onClick=${() => setRound((number) => number + 1)}>Try again<//>`}
      <${Button} onClick=${onEnd}>Cancel<//></div>
  </div>`;
}

function Way({ told }) {
  const rest = useCountdown(told.at, told.expires_in);
  return html`<div class="stack">
    ${HERE ? html`<p>Frame.io opens in a new tab. When you are logged in there, come back: this page goes on by itself.</p>
      <p><a class="button primary large" href=${told.login_url} target="_blank" rel="noopener noreferrer">
        <${Icon} name="open" size="20" /><span>Open Frame.io</span></a></p>` : html`<p>This has to be done in a browser of the machine
      that runs the pipeline: Frame.io sends the login back there. Open this address on it:</p>
      <p class="address">${told.login_url}</p>`}
    <p class="muted number" role="timer" aria-live="off">Waiting for the login, ${duration(rest)} left</p>
  </div>`;
}
