/** The shell: it listens, finds the view of the address, and says when the pipeline cannot be reached. */

import { html, render } from "./lib/html.js";
import { begin, useHasStatus, useReach } from "./lib/live.js";
import { useRoute } from "./lib/route.js";
import { followScroll } from "./lib/scroll.js";
import { Away, Foot, Guarded, Head, useAway } from "./lib/shell.js";
import { Empty, Page } from "./lib/widgets.js";
import { Over } from "./lib/widgets/over.js";
import Attention from "./views/attention.js";
import Clip from "./views/clip.js";
import Clips from "./views/clips.js";
import Connection from "./views/connection.js";
import Overview from "./views/overview.js";
import Queue from "./views/queue.js";
import Report from "./views/report.js";
import SignIn from "./views/signin.js";

/** The view of each address: `#/clips` and `#/clips/ID` are two. */
const VIEWS = { __proto__: null, "": Overview, queue: Queue, clips: Clips, attention: Attention, connection: Connection, report: Report };
const ONE_OF = { __proto__: null, clips: Clip };

/** Milliseconds that the first drawing waits for what was asked first. */
const PATIENCE_MS = 150;

function App() {
  const route = useRoute();
  const { phase } = useReach();
  const away = useAway();
  const begun = useHasStatus();
  const entering = route.parts[0] === "enter";
  const signedOut = entering || phase === "signed-out";
  const View = signedOut ? SignIn : viewOf(route.parts);
  const props = { parts: route.parts.slice(1), query: route.query, entering };
  const place = signedOut ? "" : route.parts.slice(0, 2).join("/");
  // What is shown survives an outage; before the first status there is nothing to show.
  const ready = signedOut || begun;
  return html`<a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <${Head} route=${route} signedOut=${signedOut} />
    <${Away} away=${away} />
    <main id="main" tabindex="-1" class=${away && "old"}>${ready && html`<${Guarded} key=${place}><${View} ...${props} /><//>`}</main>
    ${!signedOut && html`<${Foot} route=${route} />`}
    <${Over} />`;
}

function viewOf(parts) {
  const [first = "", second] = parts;
  return (second !== undefined && ONE_OF[first]) || VIEWS[first] || Nowhere;
}

function Nowhere() {
  return html`<${Page} title="Nothing here"><${Empty} icon="search" title="There is no such page" /><//>`;
}

/** The address of the skip link would be a route. */
function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

/** Draws when it is known what to draw: to draw less first takes longer. */
async function start() {
  const known = begin();
  followScroll(() => document.getElementById("main"));
  const answers = Promise.all([known, ...globalThis.asked.values()]);
  await Promise.race([answers, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  render(html`<${App} />`, document.getElementById("app"));
}

start();
