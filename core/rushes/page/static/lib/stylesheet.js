/** Styles that belong to a part of the page, loaded before it is shown. */

/** Resolves when the stylesheet at `address` (as in index.html) applies, or cannot be had. */
export function withStyle(address) {
  const there = document.querySelector(`link[rel=stylesheet][href="${address}"]`);
  if (there?.sheet) return Promise.resolve();
  return new Promise((resolve) => {
    const link = there ?? document.createElement("link");
    Object.assign(link, { rel: "stylesheet", onload: resolve, onerror: resolve });
    if (there) return;
    link.setAttribute("href", address);
    document.head.append(link);
  });
}
