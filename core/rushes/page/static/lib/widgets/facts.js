/** States, progress and moments, each told in words and not by colour alone. */

import { percent } from "../format.js";
import { html } from "../html.js";
import { Icon } from "./icon.js";

/** Of a job or a step: the class of its colour, its drawing, its word. */
const STATES = {
  done: ["good", "check", "Delivered"],
  parked: ["bad", "cross", "Failed"],
  running: ["accent", "work", "In work"],
  ready: ["", "queue", "Queued"],
  waiting: ["warn", "wait", "Waiting"],
  cancelled: ["", "cross", "Cancelled"],
  withdrawn: ["", "out", "Withdrawn"],
  paused: ["warn", "pause", "Paused"],
  good: ["good", "check", "Good"],
  fair: ["warn", "attention", "Fair"],
  poor: ["bad", "attention", "Poor"],
};

/** `state` of a job or step (or good, fair, poor); `text` instead of its word; `quiet` where all is as it should be. */
export function Mark({ state, text, quiet = false }) {
  const [tone, icon, word] = STATES[state] ?? ["", "info", state || "–"];
  return html`<span class=${`mark ${tone}${quiet ? " quiet" : ""}`}><${Icon} name=${icon} size="18" /><span>${text ?? word}</span></span>`;
}

/** The word of a state, as `Mark` says it. */
export function stateWord(state) {
  return STATES[state]?.[2] ?? state;
}

/** How far something is; without a `total` it only says that it goes on. `label` is for who cannot see it. */
export function Bar({ done, total, label, tone = "" }) {
  const known = total > 0;
  return html`<progress class=${`bar ${tone}`} max="1" value=${known ? Math.min(1, done / total) : undefined}
    aria-label=${label} aria-valuetext=${known ? percent(done, total) : "in work"}></progress>`;
}

/** Timecode, whose digits keep their places. */
export function Timecode({ children, big = false }) {
  return html`<span class=${big ? "timecode big" : "timecode"}>${children || "--:--:--:--"}</span>`;
}

/** A moment: short text, the whole of it on hover. */
export function Moment({ at, children }) {
  const when = new Date(at * 1000);
  return html`<time datetime=${when.toISOString()} title=${when.toLocaleString("en-GB")}>${children}</time>`;
}
