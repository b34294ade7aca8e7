// Finds the maps of a page, also those that are put into it later, and loads their script when the first comes into sight.
// Until then, and where it cannot run, the picture drawn by the server stands there.
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    void open(entry.target as HTMLElement);
  }
});

async function open(host: HTMLElement): Promise<void> {
  const { openMap } = await import("./map");
  openMap(host);
}

function find(root: ParentNode): void {
  for (const host of root.querySelectorAll<HTMLElement>("[data-map]:not([data-map-found])")) {
    host.dataset.mapFound = "";
    seen.observe(host);
  }
}

export function startMaps(): void {
  find(document);
  document.addEventListener("htmx:after:swap", () => find(document));
}
