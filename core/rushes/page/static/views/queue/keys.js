/** The queue by keyboard: from row to row, choosing, moving, giving up. */

import { useEffect, useRef } from "../../lib/html.js";
import { inTurn } from "./doing.js";

/** The handler of the list's keys. A row that was moved keeps the focus. */
export function useKeys(box, { known, selection, ordered, doing }) {
  const wanted = useRef(null);
  useEffect(() => {
    if (wanted.current) focusIn(box.current, ...wanted.current);
  });

  return async (event) => {
    const row = event.target.closest("[data-job]");
    if (!row) return;
    const id = row.dataset.job;
    const part = event.target.matches(".grip") ? ".grip" : event.target.matches("input") ? "input" : null;
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by && part === ".grip" && ordered) {
      event.preventDefault();
      wanted.current = [id, part];
      try {
        await inTurn(() => doing.current.step(id, by));
      } finally {
        wanted.current = null;
        focusIn(box.current, id, part);
      }
    } else if (by && part) {
      event.preventDefault();
      const next = known[known.findIndex((job) => job.id === id) + by];
      if (!next) return;
      if (event.shiftKey) {
        if (!selection.ids.has(id)) selection.pick(id, { only: true });
        selection.pick(next.id, { only: true });
      }
      focusIn(box.current, next.id, part);
    } else if (event.key === "Escape" && selection.ids.size) {
      selection.clear();
    } else if (event.key === "Delete" && part) {
      event.preventDefault();
      const ids = selection.ids.size ? selection.inOrder() : [id];
      const name = ids.length === 1 ? known.find((job) => job.id === ids[0])?.name : "";
      await doing.current.act("cancel", ids, { name });
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey) && part) {
      event.preventDefault();
      if (!selection.all) selection.toggleAll();
    }
  };
}

function focusIn(list, id, part) {
  const found = list?.querySelector(`[data-job="${CSS.escape(id)}"] ${part}`);
  if (found && document.activeElement !== found) found.focus();
}
