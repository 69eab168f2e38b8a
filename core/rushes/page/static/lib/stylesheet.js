/** Styles that belong to a part of the page, loaded before it is shown. */

/** Resolves when the stylesheet at `address` (as in index.html) applies, or cannot be had. */
export function withStyle(address) {
  let link = document.querySelector(`link[rel=stylesheet][href="${address}"]`);
  if (link?.sheet) return Promise.resolve();
  const fresh = !link;
  link ??= document.createElement("link");
  return new Promise((resolve) => {
    // Several may wait for one.
    link.addEventListener("load", resolve);
    link.addEventListener("error", resolve);
    if (!fresh) return;
    link.rel = "stylesheet";
    link.setAttribute("href", address);
    document.head.append(link);
  });
}
