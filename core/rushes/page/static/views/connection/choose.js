/** Account, then project. */

import { act } from "../../lib/api.js";
import { html, useState } from "../../lib/html.js";
import { useFresh } from "../../lib/live.js";
import { Button, Empty, Failure, Icon, Search } from "../../lib/widgets.js";

/** A person with one account is not asked which. `onEnd` is left out where there is nothing to go back to. */
export function Choose({ component, onDone, onEnd }) {
  const [account, setAccount] = useState(null);
  const found = useFresh(({ signal }) => act(component.id, "accounts", {}, { signal }), [component.id]);
  const accounts = found.data?.accounts ?? [];
  const chosen = account ?? (accounts.length === 1 ? accounts[0] : null);
  const cancel = onEnd && html`<${Button} onClick=${onEnd}>Cancel<//>`;
  if (found.error) return html`<div class="stack"><${Failure} error=${found.error} onRetry=${found.reload} /><div class="row end">${cancel}</div></div>`;
  if (!found.data) return html`<${Looking} what="accounts">${cancel}<//>`;
  if (!accounts.length) return html`<${NoAccount} support=${found.data.support} action=${cancel} />`;
  if (!chosen) {
    return html`<div class="stack"><h3>Which account?</h3>
      <${Places} places=${accounts} onChoose=${setAccount} /><div class="row end">${cancel}</div></div>`;
  }
  const back = accounts.length > 1 ? html`<${Button} icon="left" onClick=${() => setAccount(null)}>Accounts<//>` : null;
  return html`<${Projects} component=${component} account=${chosen} onDone=${onDone} back=${back} cancel=${cancel} />`;
}

function Projects({ component, account, onDone, back, cancel }) {
  const [sought, setSought] = useState("");
  const found = useFresh(({ signal }) => act(component.id, "projects", { account: account.id }, { signal }), [account.id]);
  const all = found.data?.projects ?? [];
  const words = sought.toLowerCase();
  const shown = all.filter((each) => each.name.toLowerCase().includes(words));
  const connect = async (project) => onDone(await act(component.id, "connect", { project: project.id, account: account.id }));
  return html`<div class="stack"><h3>Which project of ${account.name}?</h3>
    ${found.error && html`<${Failure} error=${found.error} onRetry=${found.reload} />`}
    ${!found.error && !found.data && html`<${Looking} what="projects" />`}
    ${all.length > 6 && html`<${Search} label="Find a project" value=${sought} onInput=${setSought} />`}
    ${found.data && !shown.length && html`<${Empty} icon="search" title=${all.length ? "No project of that name" : "This account has no projects"} />`}
    <${Places} places=${shown} onChoose=${connect} now=${component.facts.project} />
    <div class="row spread"><span>${back}</span><span>${cancel}</span></div></div>`;
}

/** `now` is the name of the one that is connected. */
function Places({ places, onChoose, now }) {
  return html`<ul class="places">${places.map(
    (each) => html`<li key=${each.id}><${Button} kind="quiet place" onClick=${() => onChoose(each)}>
      <span class="grow">${each.name}</span>${now === each.name && html`<span class="muted small">connected now</span>`}<${Icon} name="right" size="20" /><//></li>`,
  )}</ul>`;
}

function Looking({ what, children }) {
  return html`<div class="stack"><p class="muted" role="status">Asking Frame.io for ${what}</p><div class="row end">${children}</div></div>`;
}

function NoAccount({ support = "", action }) {
  const link = /https:\/\/\S+/.exec(support)?.[0];
  return html`<${Empty} icon="person" title="No account has Camera to Cloud" action=${action}>
    Nobody has switched it on in an account of yours.
    ${link && html` <a href=${link} target="_blank" rel="noopener noreferrer">How to get it</a>`}<//>`;
}
