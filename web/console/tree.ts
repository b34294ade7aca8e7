// Grows a tree where it is opened: what lies below an area is put under its row, and more of a long list at its end.
// Without it the same links lead to the area's own page.

const LOADED = "loaded";

async function fragment(address: string): Promise<DocumentFragment | null> {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return null;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  return holder.content;
}

function dress(root: ParentNode): void {
  for (const twig of root.querySelectorAll<HTMLAnchorElement>("a[data-parts]")) {
    twig.setAttribute("role", "button");
    if (!twig.hasAttribute("aria-expanded")) twig.setAttribute("aria-expanded", "false");
  }
}

function branch(twig: Element): HTMLElement | null {
  return twig.closest("li")?.querySelector<HTMLElement>(":scope > .branch") ?? null;
}

async function turn(twig: HTMLAnchorElement, open: boolean): Promise<void> {
  const row = twig.closest("li");
  if (!row || twig.getAttribute("aria-busy")) return;
  if (open && !branch(twig)) {
    twig.setAttribute("aria-busy", "true");
    const found = await fragment(twig.dataset.parts ?? "").catch(() => null);
    twig.removeAttribute("aria-busy");
    if (!found) {
      location.href = twig.href;
      return;
    }
    dress(found);
    const below = document.createElement("div");
    below.className = "branch";
    below.append(found);
    row.append(below);
  }
  const below = branch(twig);
  if (below) below.hidden = !open;
  twig.setAttribute("aria-expanded", String(open));
}

async function lengthen(link: HTMLAnchorElement): Promise<void> {
  const place = link.closest("p");
  if (!place || link.dataset.state === LOADED) return;
  link.dataset.state = LOADED;
  const found = await fragment(link.dataset.more ?? "").catch(() => null);
  if (!found) {
    location.href = link.href;
    return;
  }
  dress(found);
  const first = found.querySelector<HTMLElement>("a");
  place.replaceWith(found);
  first?.focus();
}

function clicked(event: MouseEvent): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !(event.target instanceof Element)) return;
  const twig = event.target.closest<HTMLAnchorElement>("a[data-parts]");
  const more = event.target.closest<HTMLAnchorElement>("a[data-more]");
  if (!twig && !more) return;
  event.preventDefault();
  if (twig) void turn(twig, twig.getAttribute("aria-expanded") !== "true");
  if (more) void lengthen(more);
}

// Right opens the row that has the focus, Left closes it or goes to the row above; Space presses as on any button.
function pressed(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
  const row = event.target.closest("ul.walk > li");
  if (!row || event.target.closest("input, select, textarea")) return;
  const twig = row.querySelector<HTMLAnchorElement>(":scope > a[data-parts]");
  const open = twig?.getAttribute("aria-expanded") === "true";
  if (event.key === " " && event.target === twig) twig?.click();
  else if (event.key === "ArrowRight" && twig && !open) void turn(twig, true);
  else if (event.key === "ArrowLeft" && twig && open) void turn(twig, false);
  else if (event.key === "ArrowLeft")
    row.parentElement?.closest("ul.walk > li")?.querySelector<HTMLElement>("a")?.focus();
  else return;
  event.preventDefault();
}

export function startTree(): void {
  dress(document);
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", pressed);
}
