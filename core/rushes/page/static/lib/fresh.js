/** One document kept fresh: the first wish at once, all others together, never two loads at a time. */

/** Milliseconds from the begin of one load to that of the next while wishes pour in; a slow one takes half of the time. */
const APART_MS = 150;

/**
 * Calls `load(signal, early)` when `now()` is called, and tells `show` of what changes: `{loading, data, error}`; the very
 * first load may hand on by `early` what it has so far. Asked while it loads or rests, it loads once more afterwards,
 * however often it was asked. After `end()` nothing is shown any more.
 */
export function refreshing(load, show) {
  const life = new AbortController();
  let busy = false;
  let again = false;
  let early = (data) => life.signal.aborted || show({ data });

  async function now() {
    again = true;
    if (busy) return;
    busy = true;
    while (again && !life.signal.aborted) {
      again = false;
      const began = performance.now();
      await once();
      const took = performance.now() - began;
      await pause(Math.max(APART_MS - took, took), life.signal);
    }
    busy = false;
  }

  async function once() {
    show({ loading: true });
    try {
      const data = await load(life.signal, early);
      early = null;
      if (!life.signal.aborted) show({ data, error: null, loading: false });
    } catch (error) {
      if (!life.signal.aborted) show({ error, loading: false });
    }
  }
  return { now, end: () => life.abort() };
}

function pause(ms, signal) {
  if (signal.aborted) return null;
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
