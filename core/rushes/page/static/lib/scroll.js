/** A view that is gone back to stands where it stood; any other begins at its top. */

const RESTORE_MS = 1000;
const left = new Map();
let wanted = null;

/** Follows the page's ways; once, by the shell. `main` is what scrolls on a phone. */
export function followScroll(main) {
  history.scrollRestoration = "manual";
  let at = location.hash;
  let back = false;
  const note = () => left.set(at, place(main()));
  addEventListener("scroll", note, { passive: true, capture: true });
  addEventListener("popstate", () => (back = true));
  // Following a link is a popstate too, and begins anew also where one has been.
  addEventListener("click", (event) => left.delete(event.target.closest?.("a")?.hash), { capture: true });
  addEventListener("hashchange", () => {
    const same = at.split("?")[0] === location.hash.split("?")[0];
    at = location.hash;
    const known = back && left.get(at);
    back = false;
    if (!same) go(main, known || 0);
  });
}

/** Rows come late: it is tried until the view is long enough, or a person scrolls. */
function go(main, top) {
  const mine = (wanted = {});
  const until = performance.now() + RESTORE_MS;
  const stop = () => (wanted = null);
  addEventListener("wheel", stop, { once: true, passive: true });
  addEventListener("touchstart", stop, { once: true, passive: true });
  const attempt = () => {
    if (wanted !== mine) return;
    scrollTo(0, top);
    main()?.scrollTo(0, top);
    if (place(main()) < top && performance.now() < until) requestAnimationFrame(attempt);
  };
  requestAnimationFrame(attempt);
}

function place(main) {
  return Math.max(scrollY, main?.scrollTop ?? 0);
}
