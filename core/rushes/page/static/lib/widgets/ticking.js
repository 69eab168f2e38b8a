/** A timecode that runs: drawn once a frame of the screen, past the framework. */

import { html, useEffect, useRef } from "../html.js";
import { useReach } from "../live.js";
import { between, later, readRate } from "../timecode.js";

/** Seconds without a word of its device after which it is not trusted to go on. */
export const STALE_S = 60;
/** A label that nobody dated was said up to this long before it was seen: what already runs is nearer to it. */
const LATE_S = 1;

/**
 * It was `label` at `at` (epoch seconds of the pipeline; null: just now) and counts at `rate`; where the rate is not
 * known it stands still.
 */
export function Ticking({ label, at, rate, big = false }) {
  const element = useRef(null);
  const running = useRef(null);
  const { skew, phase } = useReach();
  useEffect(() => {
    const exact = readRate(rate);
    const now = () => Date.now() / 1000 + skew;
    running.current = at ? { label, at, heard: at } : undated(running.current, label, now(), exact);
    let request = 0;
    const draw = () => {
      const from = running.current;
      const age = now() - from.at;
      const goes = exact && now() - from.heard < STALE_S && phase === "open";
      const text = (goes && later(from.label, exact, Math.max(0, age))) || label || "--:--:--:--";
      if (element.current && element.current.textContent !== text) element.current.textContent = text;
      if (goes) request = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(request);
  }, [label, at, rate, skew, phase]);
  return html`<span ref=${element} class=${big ? "timecode big" : "timecode"} role="timer" aria-live="off"></span>`;
}

/** Goes on from where it runs if that fits what was just seen; it never runs back by a frame or two. */
function undated(before, label, now, rate) {
  const ahead = before && rate ? between(label, later(before.label, rate, now - before.at), rate) : null;
  const fits = ahead !== null && ahead >= 0 && ahead < LATE_S;
  return fits ? { ...before, heard: now } : { label, at: now, heard: now };
}
