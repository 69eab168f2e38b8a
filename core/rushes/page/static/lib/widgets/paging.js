/** Long lists, a page at a time, kept fresh as far as they are shown. */

import { html, useCallback, useEffect, useRef, useState } from "../html.js";
import { useFresh } from "../live.js";
import { Button } from "./button.js";

/** Rows that are loaded again when something happens; the rest is loaded when it is asked for. */
const MOST_FRESH = 500;
/** Milliseconds for drawing a glance before the rest is asked. */
const GLANCE_MS = 50;

/**
 * `load({limit, after, signal})` returns `{items, total, after}` (`after` null at the end), and what else the document
 * has; `glance({signal})` returns the same in less time, without knowing how much there is, for the first look. Gives `{items, total, document, loading, error, reload, more, rest}`: `more()` loads the next `size`, and is null
 * when there is no more; `rest` is the button for it.
 */
export function usePaging(load, deps, { kinds = null, size = 50, glance = null } = {}) {
  const [beyond, setBeyond] = useState([]);
  const [tail, setTail] = useState(null);
  const shown = useRef(size);
  const key = JSON.stringify(deps);
  const life = useRef(null);
  useEffect(() => {
    shown.current = size;
    setBeyond([]);
    setTail(null);
    const mine = new AbortController();
    life.current = mine;
    return () => mine.abort();
  }, [key]);

  const first = useFresh(
    async ({ signal, early }) => {
      if (early && glance) {
        early({ ...(await glance({ signal })), key, after: null });
        await new Promise((resolve) => setTimeout(resolve, GLANCE_MS));
      }
      const limit = Math.min(MOST_FRESH, shown.current);
      const found = await load({ limit, after: null, signal });
      if (shown.current <= MOST_FRESH) {
        setBeyond([]);
        setTail(null);
      }
      return { ...found, key };
    },
    [key],
    { kinds },
  );
  const head = first.data;
  const items = head ? [...head.items, ...beyond] : [];
  const after = tail === null ? (head?.after ?? null) : tail.after;

  const more = useCallback(async () => {
    const { signal } = life.current;
    const found = await load({ limit: size, after, signal });
    if (signal.aborted) return;
    shown.current += found.items.length;
    setBeyond((before) => [...before, ...found.items]);
    setTail({ after: found.after ?? null });
  }, [key, after]);

  const left = after !== null && items.length > 0;
  const rest = left ? html`<div class="rest"><${Button} icon="down" onClick=${more}>Show more<//></div>` : null;
  return { ...first, items, total: head?.total ?? null, document: head, more: left ? more : null, rest };
}
