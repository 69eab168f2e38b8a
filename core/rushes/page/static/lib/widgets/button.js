/** One button: large enough for a thumb, busy while its work lasts. */

import { plain, sentence } from "../facts.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { Icon } from "./icon.js";
import { toast } from "./over.js";

/**
 * kind: "primary" (one a page), "quiet", "danger", or none. `onClick` may return a promise: busy until it is done, and
 * its error is a toast. `icon` before the text; with `label` and no children it is an icon alone. `href` makes a link.
 */
export function Button({ kind = "", onClick, icon, label, href, busy = false, disabled = false, children, ...rest }) {
  const [working, setWorking] = useState(false);
  const there = useRef(true);
  useEffect(() => () => (there.current = false), []);

  const click = async (event) => {
    if (working || busy || disabled) return;
    const work = onClick?.(event);
    if (typeof work?.then !== "function") return;
    setWorking(true);
    try {
      await work;
    } catch (error) {
      if (error.name !== "AbortError") toast(sentence(plain(error.message)), { bad: true });
    } finally {
      if (there.current) setWorking(false);
    }
  };

  const alone = children === undefined || children === null;
  const names = ["button", kind, alone && icon && "alone", (working || busy) && "busy"].filter(Boolean).join(" ");
  const inner = html`${icon && html`<${Icon} name=${icon} size="20" />`}${!alone && html`<span>${children}</span>`}`;
  if (href !== undefined) return html`<a class=${names} href=${href} aria-label=${label} ...${rest}>${inner}</a>`;
  return html`<button type="button" class=${names} onClick=${click} disabled=${disabled} aria-label=${label}
    title=${alone ? label : undefined} aria-busy=${working || busy ? "true" : undefined} ...${rest}>${inner}</button>`;
}
