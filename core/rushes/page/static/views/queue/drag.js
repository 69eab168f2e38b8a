/** Rows dragged by their grip, with a mouse, a pen or a finger. */

import { useCallback, useEffect, useRef, useState } from "../../lib/html.js";

/** Pixels from the edge at which the page follows, and how far a turn. */
const EDGE = 70;
const STEP = 14;

/** Gives `{id, before, grab}`: what is dragged, the job it would come before (null the end, undefined nowhere), the begin. */
export function useDrag(box, known, drop) {
  const [state, setState] = useState({ id: null, before: undefined });
  const now = useRef(null);
  now.current = { known, drop, ...state };
  const end = useRef(() => {});
  useEffect(() => () => end.current(), []);

  const grab = useCallback((event, id) => {
    if (event.button !== 0) return;
    const grip = event.currentTarget;
    grip.setPointerCapture(event.pointerId);
    let y = event.clientY;
    let before;
    const begin = y;
    const look = () => {
      before = Math.abs(y - begin) < 6 && before === undefined ? undefined : below(box.current, y);
      setState({ id: before === undefined ? null : id, before });
    };
    const move = (moved) => {
      y = moved.clientY;
      look();
    };
    const follow = setInterval(() => {
      if (before === undefined) return;
      const by = y < EDGE + 60 ? -STEP : y > innerHeight - EDGE ? STEP : 0;
      if (!by) return;
      scroller(box.current).scrollBy(0, by);
      look();
    }, 16);
    const over = (dropped) => {
      end.current();
      if (dropped.type === "pointerup" && before !== undefined && before !== id) Promise.resolve(now.current.drop(id, before)).catch(() => {});
    };
    const escape = (pressed) => pressed.key === "Escape" && end.current();
    end.current = () => {
      clearInterval(follow);
      grip.removeEventListener("pointermove", move);
      grip.removeEventListener("pointerup", over);
      grip.removeEventListener("pointercancel", over);
      removeEventListener("keydown", escape);
      setState({ id: null, before: undefined });
      end.current = () => {};
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", over);
    grip.addEventListener("pointercancel", over);
    addEventListener("keydown", escape);
  }, []);
  return { ...state, grab };
}

/** Whether a row goes along: it is the one that is dragged, or selected as that one is. */
export function reaching(drag, id, selected) {
  return drag.id !== null && (drag.id === id || (selected.has(drag.id) && selected.has(id)));
}

/** The id of the first row whose middle is below that height, null where there is none. */
function below(list, y) {
  for (const row of list.querySelectorAll("[data-job]")) {
    const { top, height } = row.getBoundingClientRect();
    if (y < top + height / 2) return row.dataset.job;
  }
  return null;
}

/** What scrolls around it: the page, on a phone its middle. */
function scroller(element) {
  const main = element.closest("main");
  return main && main.scrollHeight > main.clientHeight + 1 ? main : document.scrollingElement;
}
