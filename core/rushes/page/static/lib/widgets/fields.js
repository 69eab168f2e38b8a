/** Fields that say what they are. */

import { html, useEffect, useRef, useState } from "../html.js";
import { Icon } from "./icon.js";

const SETTLE_MS = 150;

/** Calls `onInput(text)` when typing rests. `label` is its name, shown as its placeholder. */
export function Search({ value = "", onInput, label = "Search", ...rest }) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    if (value !== told.current) setText((told.current = value));
  }, [value]);
  useEffect(() => {
    if (text === told.current) return undefined;
    const timer = setTimeout(() => onInput((told.current = text)), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return html`<label class="field search"><span class="unseen">${label}</span><${Icon} name="search" size="20" />
    <input type="search" value=${text} placeholder=${label} autocomplete="off" spellcheck=${false}
      onInput=${(event) => setText(event.currentTarget.value)} ...${rest} /></label>`;
}

/** `options`: `[{value, label, count?}]`; `onChange(value)`. */
export function Select({ label, value, options, onChange }) {
  return html`<label class="field select"><span class="field-name">${label}</span>
    <select value=${value} onChange=${(event) => onChange(event.currentTarget.value)}>
      ${options.map(
        (each) => html`<option key=${each.value} value=${each.value} selected=${each.value === value}>
          ${each.label}${each.count === undefined ? "" : ` (${each.count})`}
        </option>`,
      )}
    </select></label>`;
}
