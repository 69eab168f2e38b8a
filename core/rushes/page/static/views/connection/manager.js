/** One service in one of its three states: not authorised, not connected, connected. Every step can be left. */

import { act } from "../../lib/api.js";
import { connectionOf, plain, sentence, serviceName } from "../../lib/facts.js";
import { html, useEffect, useRef, useState } from "../../lib/html.js";
import { Button, Icon, confirm, toast } from "../../lib/widgets.js";
import { Connected } from "./connected.js";
import { Choose } from "./choose.js";
import { Login } from "./login.js";
import { Pairing } from "./pairing.js";

/** Seconds that an action's answer is believed over a status that does not know of it yet: a sink is opened anew. */
const AHEAD_S = 20;

export function Manager({ component }) {
  const [flow, setFlow] = useState("");
  const [answer, setAnswer] = useState(null);
  const known = answer ? { ...component, facts: { ...component.facts, ...answer } } : component;
  const state = connectionOf(known);

  const agrees = answer !== null && connectionOf(component) === state && component.facts.project === known.facts.project;
  useEffect(() => {
    if (answer === null) return undefined;
    const timer = setTimeout(() => setAnswer(null), agrees ? 0 : AHEAD_S * 1000);
    return () => clearTimeout(timer);
  }, [answer, agrees]);

  // The button that was pressed has gone with its step: the keyboard goes on in the next one.
  const section = useRef(null);
  const step = flow || state;
  const before = useRef(step);
  useEffect(() => {
    if (before.current !== step && document.activeElement === document.body) section.current.focus({ preventScroll: true });
    before.current = step;
  }, [step]);

  const end = () => setFlow("");
  const done = (facts) => {
    setAnswer(facts);
    setFlow("");
    if (facts.project) toast(`Connected to ${facts.project}`);
  };
  const begin = async () => setFlow((await act(component.id, "whoami")).way === "login" ? "login" : "code");
  const change = async () => {
    if ((await act(component.id, "whoami")).way === "login") return setFlow("choose");
    const text = "This device was paired by a code. A new code, entered in another project, moves it there; what is queued stays with the project it was shot for.";
    if (await confirm(text, { yes: "Get a code", title: "Choose another project" })) setFlow("code");
    return undefined;
  };

  const props = { component: known, onDone: done, onEnd: end };
  let shown;
  if (flow === "code") shown = html`<${Pairing} ...${props} />`;
  else if (flow === "login") shown = html`<${Login} ...${props} />`;
  else if (flow === "choose") shown = html`<${Choose} ...${props} />`;
  else if (state === "not authorised") shown = html`<${NotAuthorised} component=${known} onConnect=${begin} />`;
  else if (state === "not connected") shown = html`<${NotConnected} component=${known} onDone=${done} onAnswer=${setAnswer} />`;
  else if (state === "connected") shown = html`<${Connected} component=${known} onAnswer=${setAnswer} onChange=${change} />`;
  else shown = html`<${Silent} component=${known} />`;
  return html`<section ref=${section} tabindex="-1" class="card manager" aria-label=${`Connection to ${serviceName(component)}`}>${shown}</section>`;
}

function NotAuthorised({ component, onConnect }) {
  return html`<div class="invite">
    <span class="invite-icon"><${Icon} name="connection" size="44" /></span>
    <h2>Not authorised</h2>
    <p class="muted">Clips are collected and prepared; they wait here until ${serviceName(component)} knows this device.</p>
    <${Button} kind="primary large" onClick=${onConnect}>Connect<//>
  </div>`;
}

/** Logged in, without a project: choosing one is the next thing, logging out the way back. */
function NotConnected({ component, onDone, onAnswer }) {
  const leave = async () => onAnswer(await act(component.id, "logout"));
  return html`<div class="stack">
    <div class="row spread still"><div class="grow"><h2>Not connected</h2>
      <p class="muted">${who(component.facts)}Choose the project that clips go to.</p></div>
      <${Button} icon="out" onClick=${leave}>Log out<//></div>
    <${Choose} component=${component} onDone=${onDone} />
  </div>`;
}

function who({ user, email }) {
  return user ? `Logged in as ${user}${email ? ` (${email})` : ""}. ` : "";
}

function Silent({ component }) {
  return html`<div class="row still"><${Icon} name="wait" />
    <div><h2>${serviceName(component)}</h2>
      <p class="muted">${sentence(plain(component.reason)) || "Is being opened."}</p></div></div>`;
}
