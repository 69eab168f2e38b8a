/** Where in the page we are: `#/clips/ID?state=parked`. */

import { useEffect, useState } from "./html.js";

/** The present place: `{path: "/clips/ID", parts: ["clips", "ID"], query: {state: "parked"}}`. */
function here() {
  const [path, query = ""] = (location.hash.replace(/^#/, "") || "/").split("?");
  const parts = path.split("/").filter(Boolean).map(decoded);
  return { path, parts, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** The place, followed. */
export function useRoute() {
  const [route, setRoute] = useState(here);
  useEffect(() => {
    const changed = () => setRoute(here());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}

/** A link's address: `href("/clips", {state: "parked"})`; empty values are left out. */
export function href(path, query = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const text = new URLSearchParams(kept).toString();
  return `#${path}${text ? `?${text}` : ""}`;
}

/** Goes there; `replace` leaves no step behind for the back button (a filter that changes while one types). */
export function go(path, query = {}, { replace = false } = {}) {
  if (!replace) {
    location.hash = href(path, query);
    return;
  }
  history.replaceState(null, "", href(path, query));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
