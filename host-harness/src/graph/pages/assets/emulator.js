// Reads a page that refreshes by itself again without losing the place. Pages
// work without it: they are then read again as a whole.
"use strict";

(() => {
  const seconds = Number(document.querySelector("[data-live]")?.dataset.live);
  if (!seconds) return;

  // What somebody has opened or is about to press stays as it is.
  const isInUse = (region) => region.contains(document.activeElement) || region.querySelector("details[open]");

  async function refresh() {
    const region = document.querySelector("[data-live]");
    if (document.hidden || isInUse(region)) return;
    const response = await fetch(location.href, { credentials: "same-origin" });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-live]");
    if (fresh && fresh.innerHTML !== region.innerHTML && !isInUse(region)) region.replaceWith(document.importNode(fresh, true));
  }

  // The emulator may be gone for a while; the next turn tries again.
  setInterval(() => refresh().catch(() => {}), seconds * 1000);
})();
