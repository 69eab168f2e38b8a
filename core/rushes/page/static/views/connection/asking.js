/** An action that lasts: begun when it is shown, cancelled when it is left. */

import { act } from "../../lib/api.js";
import { useEffect, useState } from "../../lib/html.js";

/**
 * `{told, error}` of one `action`: what it told last, as `times` it told something, why it ended badly.
 * `onDone(result)`. Another `round` cancels it and begins anew.
 */
export function useAction(component, action, onDone, round) {
  const [state, setState] = useState({ told: null, error: null });
  useEffect(() => {
    const life = new AbortController();
    const mine = (change) => !life.signal.aborted && change();
    setState({ told: null, error: null });
    let times = 0;
    act(component, action, {}, {
      signal: life.signal,
      onTell: (told) => mine(() => setState({ told: { ...told, at: Date.now(), times: (times += 1) }, error: null })),
    }).then(
      (result) => mine(() => onDone(result)),
      (error) => mine(() => setState({ told: null, error })),
    );
    return () => life.abort();
  }, [component, action, round]);
  return state;
}

/** Whole seconds until `at` (milliseconds) plus `seconds`, counted down. */
export function useCountdown(at, seconds) {
  const remaining = () => Math.max(0, Math.ceil((at + seconds * 1000 - Date.now()) / 1000));
  const [, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTurn((turn) => turn + 1), 250);
    return () => clearInterval(timer);
  }, [at]);
  return remaining();
}
