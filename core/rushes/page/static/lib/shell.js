/** What is around every view: the head with its ways, the foot of a phone, the banner of an outage. */

import { needing } from "./facts.js";
import { clock } from "./format.js";
import { Component, html, useEffect, useState } from "./html.js";
import { tryNow, useReach, useStatus } from "./live.js";
import { shownScheme, chooseScheme } from "./scheme.js";
import { Button } from "./widgets/button.js";
import { Icon } from "./widgets/icon.js";
import { Empty, Page } from "./widgets/page.js";

const WAYS = [
  ["", "overview", "Overview"],
  ["queue", "queue", "Queue"],
  ["clips", "clips", "Clips"],
  ["attention", "attention", "Attention"],
  ["connection", "connection", "Connection"],
];
/** A short outage is not worth a word. */
const GRACE_MS = 1500;

/** The name of the pipeline, the ways, the choice of light. */
export function Head({ route, signedOut }) {
  const status = useStatus();
  return html`<header class="head"><div class="head-inner">
    <p class="brand"><a href="#/"><${Logo} /><span>${(!signedOut && status?.pipeline) || "Rushes"}</span></a></p>
    ${!signedOut && html`<${Ways} route=${route} label="Views" place="in-head" />`}
    <${Scheme} />
  </div></header>`;
}

/** The ways again, below, where a thumb reaches them: only a phone shows it. */
export function Foot({ route }) {
  return html`<footer class="foot"><${Ways} route=${route} label="Views, below" place="in-foot" /></footer>`;
}

function Ways({ route, label, place }) {
  const status = useStatus();
  const needs = status ? needing(status) : 0;
  const at = route.parts[0] ?? "";
  return html`<nav class=${`ways ${place}`} aria-label=${label}>${WAYS.map(
    ([part, icon, word]) => html`<a key=${part} href=${`#/${part}`} aria-current=${at === part ? "page" : undefined}>
      <${Icon} name=${icon} /><span>${word}</span>
      ${part === "attention" && needs > 0 && html`<span class="badge warn">${needs}<span class="unseen"> need you</span></span>`}
    </a>`,
  )}</nav>`;
}

function Scheme() {
  const [scheme, setScheme] = useState(shownScheme());
  const next = scheme === "dark" ? "light" : "dark";
  const turn = () => setScheme(chooseScheme(next));
  return html`<${Button} kind="quiet" icon=${next === "dark" ? "moon" : "sun"} onClick=${turn}
    label=${next === "dark" ? "Make it dark" : "Make it light"} />`;
}

function Logo() {
  return html`<svg class="logo" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="7" /><path d="M8 22V10l7 6zM17 22V10l7 6z" />
  </svg>`;
}

/** "stopped" or "lost" while the pipeline does not answer, else "". */
export function useAway() {
  const { phase } = useReach();
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    const timer = setTimeout(() => setLate(true), GRACE_MS);
    return () => clearTimeout(timer);
  }, [phase]);
  if (phase === "stopped") return "stopped";
  return late && (phase === "lost" || phase === "connecting") ? "lost" : "";
}

/** Says that the pipeline stopped or does not answer; goes by itself when it is back. */
export function Away({ away }) {
  const { since } = useReach();
  const at = clock(since / 1000, { seconds: true });
  return html`<div class="away" role="status" aria-live="assertive">${away &&
  html`<div class="notice warn">
    <${Icon} name=${away === "stopped" ? "pause" : "offline"} />
    <p><strong>${away === "stopped" ? `The pipeline stopped at ${at}.` : `The pipeline has not answered since ${at}.`}</strong>${" "}
      What you see was true then. This page goes on by itself when it is back.</p>
    <${Button} icon="retry" onClick=${tryNow}>Try now<//>
  </div>`}</div>`;
}

/** Around a view: one that fails is not the end of the page. */
export class Guarded extends Component {
  componentDidCatch(error) {
    console.error(error);
    this.setState({ failed: true });
  }

  render({ children }) {
    if (!this.state.failed) return children;
    const again = html`<${Button} icon="retry" onClick=${() => this.setState({ failed: false })}>Try again<//>`;
    return html`<${Page} title="This cannot be shown"><${Empty} icon="attention" title="This page has an error of its own" action=${again}>
      The pipeline goes on, and so do the other pages.<//><//>`;
  }
}
