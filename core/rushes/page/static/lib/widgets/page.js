/** The frame of a view. */

import { plain, sentence } from "../facts.js";
import { html, useEffect, useRef } from "../html.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";

/** One view: its heading (which has the focus after a change of view), what can be done, the rest. */
export function Page({ title, actions, note, children }) {
  const heading = useRef(null);
  useEffect(() => {
    document.title = `${title} · Rushes`;
  }, [title]);
  useEffect(() => {
    // Not at the first view: there the reader begins at the top of the document.
    if (document.documentElement.dataset.visited) heading.current?.focus({ preventScroll: true });
    document.documentElement.dataset.visited = "yes";
  }, []);
  return html`<div class="page">
    <header class="page-head"><div><h1 ref=${heading} tabindex="-1">${title}</h1>
      ${note && html`<p class="muted">${note}</p>`}</div>
      ${actions && html`<div class="toolbar">${actions}</div>`}</header>
    ${children}
  </div>`;
}

/** Nothing to show, and why that is well. */
export function Empty({ icon = "check", title, children, action }) {
  return html`<div class="empty"><${Icon} name=${icon} size="40" /><h2>${title}</h2>
    ${children && html`<p class="muted">${children}</p>`}${action}</div>`;
}

/** What could not be loaded, and one way on. That nobody answers, the shell says for the whole page; `bare` has nothing to show beside. */
export function Failure({ error, onRetry, bare = false }) {
  if (error.type === "Unreachable") return bare && html`<p class="muted">This is not known until the pipeline answers again.</p>`;
  return html`<div class="notice bad" role="alert"><${Icon} name="attention" /><p>${sentence(plain(error.message))}</p>
    ${onRetry && html`<${Button} icon="retry" onClick=${onRetry}>Try again<//>`}</div>`;
}
