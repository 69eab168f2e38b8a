/** The shell: it listens, finds the view of the address, and says when the pipeline cannot be reached. */

import { html, render, useEffect, useState } from "./lib/html.js";
import { begin, useHasStatus, useReach } from "./lib/live.js";
import { here, useRoute } from "./lib/route.js";
import { followScroll } from "./lib/scroll.js";
import { Away, Foot, Head } from "./lib/shell.js";
import { withStyle } from "./lib/stylesheet.js";
import { Button, Empty, Page } from "./lib/widgets.js";
import { Over } from "./lib/widgets/over.js";

/** The module of each address: `#/clips` and `#/clips/ID` are two views. */
const VIEWS = { __proto__: null, "": "overview", queue: "queue", clips: "clips", attention: "attention", connection: "connection" };
const ONE_OF = { __proto__: null, clips: "clip" };

/** Milliseconds that belong to the first view alone. */
const REST_MS = 2000;

const loaded = new Map();

function App() {
  const route = useRoute();
  const { phase } = useReach();
  const begun = useHasStatus();
  const entering = route.parts[0] === "enter";
  const name = entering || phase === "signed-out" ? "signin" : viewOf(route.parts);
  const View = useView(name);
  const props = { parts: route.parts.slice(1), query: route.query, entering };
  // What is shown survives an outage; before the first status there is nothing to show.
  const ready = name === "signin" || begun;
  return html`<a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <${Head} route=${route} signedOut=${name === "signin"} />
    <${Away} />
    <main id="main" tabindex="-1">${ready && View && html`<${View} key=${name === "signin" ? name : name + (props.parts[0] ?? "")} ...${props} />`}</main>
    ${name !== "signin" && html`<${Foot} route=${route} />`}
    <${Over} />`;
}

function viewOf(parts) {
  const [first = "", second] = parts;
  return (second !== undefined && ONE_OF[first]) || VIEWS[first] || "nowhere";
}

/** The component of a view, null until its module is there. */
function useView(name) {
  const [, setTurn] = useState(0);
  useEffect(() => {
    if (!loaded.has(name)) load(name).then(() => setTurn((turn) => turn + 1));
  }, [name]);
  return loaded.get(name) ?? null;
}

/** Ahead of time a failure is none: the way there tries again. */
async function load(name, { ahead = false } = {}) {
  if (name === "nowhere") return loaded.set(name, Nowhere);
  try {
    const module = await import(`./views/${name}.js`);
    await Promise.all([module.stylesheet ?? []].flat().map(withStyle));
    return loaded.set(name, module.default);
  } catch (error) {
    if (ahead) return undefined;
    console.error(error);
    return loaded.set(name, Missing);
  }
}

function Nowhere() {
  return html`<${Page} title="Nothing here"><${Empty} icon="search" title="There is no such page" /><//>`;
}

function Missing() {
  const again = html`<${Button} icon="retry" onClick=${() => location.reload()}>Load the page again<//>`;
  return html`<${Page} title="Not there"><${Empty} icon="attention" title="This view could not be loaded" action=${again} /><//>`;
}

/** The address of the skip link would be a route. */
function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

/** All other views, one by one when the first stands: a way is at once, also while the pipeline is away. */
async function loadRest() {
  for (const name of ["overview", "queue", "attention", "clips", "clip", "connection"]) {
    if (!loaded.has(name)) await load(name, { ahead: true });
  }
}

begin();
load(viewOf(here().parts)); // while the first status is on its way
setTimeout(loadRest, REST_MS);
followScroll(() => document.getElementById("main"));
render(html`<${App} />`, document.getElementById("app"));
