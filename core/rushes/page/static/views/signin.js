/** Who comes without a session shows a code: from a one-time link, or typed. */

import { post } from "../lib/api.js";
import { sentence } from "../lib/facts.js";
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { tryNow, useConnected } from "../lib/live.js";
import { go } from "../lib/route.js";
import { Button, Page } from "../lib/widgets.js";

/** `parts` of `#/enter/CODE` is `[CODE]`; it goes out of the address at once. */
export default function SignIn({ parts, entering }) {
  const [linked, setLinked] = useState("");
  const [code, setCode] = useState("");
  const [error, setError] = useState("");
  const focused = useRef(null);
  const connected = useConnected();

  const came = (entering && parts[0]) || "";
  useEffect(() => {
    if (!came) return;
    setLinked(came);
    setError("");
    history.replaceState(null, "", "#/enter");
  }, [came]);
  useEffect(() => focused.current?.focus(), [linked]);
  useEffect(() => {
    if (connected) go("/", {}, { replace: true });
  }, [connected]);

  const enter = async (event) => {
    event?.preventDefault();
    setError("");
    try {
      await post("/enter", { code: linked || code });
      history.replaceState(null, "", "#/");
      dispatchEvent(new HashChangeEvent("hashchange"));
      tryNow();
    } catch (refused) {
      setLinked("");
      setError(sentence(refused.message));
    }
  };

  return html`<${Page} title="Sign in"><section class="card signin">
    ${linked ? html`<p>You came by a link that is good once, for this browser.</p>
      <p ref=${(at) => (focused.current = at?.querySelector("button"))}><${Button} kind="primary large" onClick=${enter}>Open the page<//></p>` : html`
      <p>On the machine of the pipeline run <code>pipeline open FILE</code>. It shows a link and a code.</p>
      <form class="stack" onSubmit=${enter}>
        <label class="field"><span class="field-name">Code</span>
          <input ref=${focused} class="typed" value=${code} onInput=${(event) => setCode(event.currentTarget.value)} autocomplete="one-time-code"
            autocapitalize="characters" spellcheck=${false} maxlength="80" placeholder="ABCD-EFGH" required aria-describedby="signin-error"
            aria-invalid=${error ? "true" : undefined} /></label>
        <button type="submit" class="button primary large">Open the page</button>
      </form>`}
    <p id="signin-error" class="bad" role="alert">${error}</p>
  </section><//>`;
}
