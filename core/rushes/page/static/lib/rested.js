/** What is counted anew each time is not asked with every event. */

import { useEffect, useRef } from "./html.js";
import { useEvents } from "./live.js";

/** Milliseconds between two looks at a day that goes on. */
const REST_MS = 5000;

/** Calls `reload` a while after something of `kinds` happened, once for all that happened meanwhile. */
export function useRested(reload, kinds) {
  const timer = useRef(null);
  const now = () => {
    timer.current = null;
    reload();
  };
  useEvents(() => (timer.current ??= setTimeout(now, REST_MS)), kinds);
  useEffect(() => () => clearTimeout(timer.current), []);
}
