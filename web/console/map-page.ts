// The map's page: another choice changes what the map shows, without loading the page and the map anew. Addresses are the
// page's own, so that each can be shared, and the back button leads through them.
interface Moved {
  bounds: number[];
  at: string;
}

// What the page itself says about the map, and what a changed choice may change.
const FOLLOWED = ["data-cases", "data-heat", "data-levels", "data-area"];
const PLAY_EVERY = 1600;

export function startMapPage(host: HTMLElement, goTo: (bounds: string) => void): void {
  const page = host.closest<HTMLElement>("[data-map-page]");
  if (!page) return;
  let at = "";
  let waiting = 0;
  let playing = 0;
  let asked = new AbortController();

  function part<Found extends HTMLElement>(
    selector: string,
    root: ParentNode = page as HTMLElement,
  ): Found | null {
    return root.querySelector<Found>(selector);
  }

  function withPlace(address: string): string {
    const url = new URL(address, location.href);
    if (at) url.searchParams.set("at", at);
    return url.href;
  }

  async function show(address: string, kept: boolean): Promise<void> {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok) {
      location.assign(address);
      return;
    }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const map = fresh.querySelector<HTMLElement>("[data-map]");
    const side = fresh.querySelector("[data-map-side]");
    if (!map || !side) {
      location.assign(address);
      return;
    }
    if (kept) history.pushState(null, "", address);
    const focused = document.activeElement?.id;
    part("[data-map-side]")?.replaceWith(side);
    for (const name of [".head", ".map-legend"]) {
      const into = part(name);
      const from = fresh.querySelector(`[data-map-page] ${name}`);
      if (into && from) into.innerHTML = from.innerHTML;
    }
    const view = part(".map-in-view");
    if (view) view.hidden = fresh.querySelector<HTMLElement>(".map-in-view")?.hidden ?? false;
    if (focused) document.getElementById(focused)?.focus();
    const area = host.getAttribute("data-area");
    for (const name of FOLLOWED) {
      const value = map.getAttribute(name);
      if (value === null) host.removeAttribute(name);
      else if (value !== host.getAttribute(name)) host.setAttribute(name, value);
    }
    if (area !== host.getAttribute("data-area") && map.dataset.bounds) goTo(map.dataset.bounds);
    else void list();
    ready();
  }

  function ready(): void {
    const play = part<HTMLButtonElement>("[data-map-play]");
    if (!play) {
      stop();
      return;
    }
    play.hidden = !playing && !part("[data-map-next]");
    play.setAttribute("aria-pressed", String(playing !== 0));
  }

  function stop(): void {
    clearInterval(playing);
    playing = 0;
    part("[data-map-play]")?.setAttribute("aria-pressed", "false");
  }

  function next(): void {
    const link = part<HTMLAnchorElement>("[data-map-next]");
    if (link) void show(withPlace(link.href), true);
    else stop();
  }

  let bounds: number[] = [];
  async function list(): Promise<void> {
    const into = part("[data-map-list]");
    if (!into || !bounds.length || host.dataset.cases === undefined) return;
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    const address = `${host.dataset.listAt}?${host.dataset.cases}&bounds=${bounds.join(",")}`;
    try {
      const answer = await fetch(address, { signal });
      if (answer.ok) into.innerHTML = await answer.text();
    } catch (error) {
      if (!signal.aborted) console.info(String(error));
    }
  }

  host.addEventListener("wangge:map", (event) => {
    const moved = (event as CustomEvent<Moved>).detail;
    bounds = moved.bounds;
    at = moved.at;
    clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      history.replaceState(history.state, "", withPlace(location.href));
      void list();
    }, 350);
  });
  page.addEventListener("submit", (event) => {
    const form = (event.target as HTMLElement).closest<HTMLFormElement>("[data-map-form]");
    if (!form) return;
    event.preventDefault();
    stop();
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) query.append(name, String(value));
    // All levels ticked is the same as none asked for.
    const boxes = [...form.querySelectorAll<HTMLInputElement>("[name=levels]")];
    if (boxes.every((box) => box.checked)) query.delete("levels");
    void show(withPlace(`${location.pathname}?${query}`), true);
  });
  page.addEventListener("change", (event) => {
    (event.target as HTMLElement).closest<HTMLFormElement>("[data-map-form]")?.requestSubmit();
  });
  page.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const link = target.closest<HTMLAnchorElement>("[data-map-link]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      stop();
      void show(withPlace(link.href), true);
    }
    if (target.closest("[data-map-play]")) {
      if (playing) stop();
      else {
        playing = window.setInterval(next, PLAY_EVERY);
        next();
      }
      ready();
    }
  });
  addEventListener("popstate", () => void show(location.href, false));
  ready();
}
