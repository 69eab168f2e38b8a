/** Light or dark: the system's, until a person chooses; `before.js` applies it before drawing. */

/** "light" or "dark", as it is shown now. */
export function shownScheme() {
  return document.documentElement.dataset.scheme;
}

/** Shows `scheme` from now on and remembers it; a choice that is the system's own follows the system again. */
export function chooseScheme(scheme) {
  document.documentElement.dataset.scheme = scheme;
  const own = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  try {
    if (scheme === own) localStorage.removeItem("scheme");
    else localStorage.setItem("scheme", scheme);
  } catch {
    // storage is switched off: it holds until the page is left
  }
  return scheme;
}
