/** Long names, which break where people read a break. */

import { html } from "../../lib/html.js";

/** A file's name or path: a line may end behind one of its separators. */
export function Name({ children }) {
  const parts = String(children).split(/(?<=[_\-./\\ ])/);
  return parts.flatMap((part, at) => (at ? [html`<wbr />`, part] : [part]));
}
