/** Six digits that a person enters in the project, with a QR code and the time they are good for. */

import { address } from "../../lib/api.js";
import { plain, sentence } from "../../lib/facts.js";
import { duration } from "../../lib/format.js";
import { html, useEffect, useState } from "../../lib/html.js";
import { Bar, Button, Icon, hush, toast } from "../../lib/widgets.js";
import { useAction, useCountdown } from "./asking.js";

export function Pairing({ component, onDone, onEnd }) {
  const [round, setRound] = useState(0);
  const { told, error } = useAction(component.id, "pair", onDone, round);
  useEffect(hush, []);
  const cancel = () => {
    if (told) toast("Cancelled: that code connects nothing any more");
    onEnd();
  };
  const again = () => setRound((number) => number + 1);
  return html`<div class="stack pairing">
    <div class="row spread"><h2>Connect to a project</h2></div>
    ${error && html`<${Failed} error=${error} />`}
    ${!error && html`<div class="code-area">
      ${told ? html`<${Code} told=${told} />` : html`<${Asking} />`}</div>`}
    <div class="row end"><${Button} icon="retry" onClick=${again}>New code<//>
      <${Button} onClick=${cancel}>Cancel<//></div>
  </div>`;
}

function Asking() {
  return html`<div class="code-text stack"><p class="code" aria-hidden="true"><span>•••</span><span>•••</span></p>
    <p class="muted" role="status">Asking for a code</p></div>`;
}

function Code({ told }) {
  const [broken, setBroken] = useState("");
  const link = told.verification_uri_complete !== broken && told.verification_uri_complete;
  const code = String(told.user_code);
  return html`${link && html`<img class="qr" src=${address("/qr", { text: link })} alt="QR code that opens the page for this code"
      onError=${() => setBroken(link)} />`}
    <div class="code-text stack">
      <p class="code" role="status"><span class="unseen">Code: ${code.split("").join(" ")}</span>
        <span aria-hidden="true">${code.slice(0, 3)}</span><span aria-hidden="true">${code.slice(3)}</span></p>
      <${Good} told=${told} />
      ${told.times > 1 && html`<p class="warn">Nobody entered the code before in time; this is a new one.</p>`}
      <p>In Frame.io open the project, then <strong>C2C Connections</strong>, add a device and enter this code.
        ${link ? " Or point a phone's camera at the square." : html` Or open <span class="address">${told.verification_uri}</span>.`}</p>
      <p class="muted small">This page goes on by itself once the code has been entered.</p>
    </div>`;
}

function Good({ told }) {
  const rest = useCountdown(told.at, told.expires_in);
  return html`<div class="stack tight">
    <${Bar} done=${rest} total=${told.expires_in} label="Time that the code is good for" tone=${rest <= 15 ? "warn" : ""} />
    <p class=${rest <= 15 ? "number warn" : "number muted"}>${rest > 0 ? `Good for ${duration(rest)}` : "Over; a new code is coming"}</p></div>`;
}

/** Why it did not come to an end. */
export function Failed({ error }) {
  return html`<div class="notice bad" role="alert"><${Icon} name="attention" /><p>${sentence(plain(error.message))}.</p></div>`;
}
