/** A part of a view that is loaded when it is first shown. */

import { useEffect, useState } from "../html.js";

/** The component that `load` finds (once for all who use the same `load`), null until it is there. */
export function useLater(load) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    let shown = true;
    load().then((Part) => shown && setFound(() => Part));
    return () => (shown = false);
  }, [load]);
  return found;
}
