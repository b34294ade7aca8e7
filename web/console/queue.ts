// A list of cases that lives: numbers that tick, rows that are fetched again, many rows chosen at once. Rows never move by
// themselves: what is new is announced, and comes when it is asked for. Every word comes from the page.
import type { CaseNews, LiveState } from "./live";

/** News come in bursts: those of so many milliseconds are asked for together. */
const TOGETHER = 400;
/** All desks of a county hear of a change in the same moment; they ask for what is new within so many, and rows in sight sooner. */
const SPREAD_NEW = 3_000;
const SPREAD_SHOWN = 1_000;
const MOST_AT_ONCE = 50;

export function startQueue(): void {
  letFilesBeAskedForAgain();
  const list = document.querySelector<HTMLElement>("[data-fetch]");
  document.addEventListener("wangge:counts", (event) =>
    tickCounts((event as CustomEvent<{ queues: Record<string, number> }>).detail.queues),
  );
  if (!list) return;
  const bulk = document.querySelector<HTMLFormElement>("form[data-bulk]");
  if (bulk) chooseMany(list, bulk);
  followNews(list, bulk);
}

/** A form is sent once, for the page that follows; after a file none follows. */
function letFilesBeAskedForAgain(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-repeats]"))
    form.addEventListener("submit", () =>
      window.setTimeout(() => {
        delete form.dataset.sent;
        for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
      }, 1000),
    );
}

function tickCounts(queues: Record<string, number>): void {
  for (const number of document.querySelectorAll<HTMLElement>("[data-count]")) {
    const count = queues[number.dataset.count ?? ""];
    if (count === undefined || number.textContent === String(count)) continue;
    number.textContent = String(count);
    number.closest("a")?.classList.toggle("empty", count === 0);
  }
}

/** The bar is there as soon as a row is ticked; a click with Shift ticks all from the last one to this. */
function chooseMany(list: HTMLElement, bulk: HTMLFormElement): void {
  const told = bulk.querySelector<HTMLElement>("[data-chosen]");
  const all = list.querySelector<HTMLElement>("[data-tick-all]");
  const whole = all?.querySelector("input");
  let last: HTMLInputElement | undefined;

  const show = () => {
    const boxes = ticks(list);
    const chosen = boxes.filter((box) => box.checked).length;
    bulk.hidden = chosen === 0;
    if (told) told.textContent = (told.dataset.chosen ?? "").replace("{n}", String(chosen));
    if (whole) {
      whole.checked = chosen > 0 && chosen === boxes.length;
      whole.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  };
  if (all) all.hidden = false;
  whole?.addEventListener("change", () => {
    for (const box of ticks(list)) box.checked = whole.checked;
    show();
  });
  list.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.name !== "case") return;
    if ((event as MouseEvent).shiftKey && last) tickBetween(ticks(list), last, box);
    last = box;
    show();
  });
  list.addEventListener("change", show);
  // The back button brings the ticks back, and a row that was fetched again may have lost its own.
  window.addEventListener("pageshow", show);
  list.addEventListener("wangge:rows", show);
  show();
}

function ticks(list: HTMLElement): HTMLInputElement[] {
  return [...list.querySelectorAll<HTMLInputElement>('input[name="case"]')];
}

function tickBetween(boxes: HTMLInputElement[], one: HTMLInputElement, other: HTMLInputElement): void {
  const [first = 0, end = 0] = [boxes.indexOf(one), boxes.indexOf(other)].sort((a, b) => a - b);
  for (const box of boxes.slice(Math.max(first, 0), end + 1)) box.checked = other.checked;
}

function followNews(list: HTMLElement, bulk: HTMLFormElement | null): void {
  const waiting = new Set<string>();
  const revisions = new Map<string, number>();
  const arrived = new Set<string>();
  let timer = 0;
  let old = false;

  const ask = async () => {
    timer = 0;
    const ids = [...waiting].slice(0, MOST_AT_ONCE);
    for (const id of ids) waiting.delete(id);
    if (waiting.size) timer = window.setTimeout(ask, TOGETHER + Math.random() * SPREAD_NEW);
    const rows = await fetched(list.dataset.fetch ?? "", ids);
    if (!rows) return;
    for (const id of ids) put(list, id, rows.get(id), arrived);
    announce(arrived.size, old);
    list.dispatchEvent(new Event("wangge:rows"));
  };
  const wish = (ids: string[], spread: number) => {
    for (const id of ids) waiting.add(id);
    if (waiting.size && !timer) timer = window.setTimeout(ask, TOGETHER + Math.random() * spread);
  };
  const states = (list.dataset.states ?? "").split(" ");
  document.addEventListener("wangge:case", (event) => {
    const news = (event as CustomEvent<CaseNews>).detail;
    if ((revisions.get(news.id) ?? 0) >= news.revision) return;
    revisions.set(news.id, news.revision);
    if (rowOf(list, news.id)) wish([news.id], SPREAD_SHOWN);
    else if (arrived.has(news.id) || (list.dataset.first === "yes" && states.includes(news.state)))
      wish([news.id], SPREAD_NEW);
  });
  document.addEventListener("wangge:live", (event) => {
    if (!(event as CustomEvent<LiveState>).detail.missed) return;
    // What came in meanwhile is not known one by one: the list itself must be loaded again.
    old = list.dataset.first === "yes";
    announce(arrived.size, old);
    wish(
      [...list.querySelectorAll<HTMLElement>("[data-case]")].map((row) => row.dataset.case ?? ""),
      SPREAD_NEW,
    );
  });
  // While many are being decided over, the page is not the moment's: it says so by what it shows, and nothing is lost.
  bulk?.addEventListener("submit", () => window.clearTimeout(timer));
}

/** The rows as they are now, by case; those that one may not see any more are missing. */
async function fetched(
  address: string,
  ids: string[],
): Promise<Map<string, HTMLTableRowElement> | undefined> {
  try {
    const asked = `${address}&ids=${ids.join(",")}`;
    const answer = await fetch(asked, {
      headers: { "HX-Request": "true" },
      signal: AbortSignal.timeout(8000),
    });
    if (!answer.ok) return undefined;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = [...page.querySelectorAll<HTMLTableRowElement>("tr[data-case]")];
    return new Map(rows.map((row) => [row.dataset.case ?? "", row]));
  } catch {
    return undefined; // the next news asks again
  }
}

function rowOf(list: HTMLElement, id: string): HTMLElement | null {
  return list.querySelector<HTMLElement>(`tr[data-case="${CSS.escape(id)}"]`);
}

function put(
  list: HTMLElement,
  id: string,
  fresh: HTMLTableRowElement | undefined,
  arrived: Set<string>,
): void {
  const shown = rowOf(list, id);
  const fits = fresh?.dataset.fits === "yes";
  if (!shown) {
    if (fits) arrived.add(id);
    else arrived.delete(id);
    return;
  }
  if (fresh) replace(shown, fresh);
  shown.classList.toggle("left", !fits);
  // The animation begins anew with each change.
  shown.classList.remove("changed");
  void shown.offsetWidth;
  shown.classList.toggle("changed", fits);
  note(shown, (fits ? list.dataset.changed : list.dataset.left) ?? "");
}

/** The cells of a row but its tick; the focus stays where it was. */
function replace(shown: HTMLElement, fresh: HTMLTableRowElement): void {
  const had = shown.querySelector("th")?.contains(document.activeElement);
  const kept = shown.querySelector(".tick");
  for (const cell of [...shown.children]) if (cell !== kept) cell.remove();
  fresh.querySelector(".tick")?.remove();
  shown.append(...fresh.children);
  if (had) shown.querySelector<HTMLElement>("th a")?.focus({ preventScroll: true });
}

function note(row: HTMLElement, words: string): void {
  row.querySelector(".row-note")?.remove();
  const said = document.createElement("span");
  said.className = "row-note";
  said.textContent = words;
  row.querySelector("th")?.append(said);
}

function announce(count: number, old: boolean): void {
  const place = document.querySelector<HTMLElement>("[data-arrived]");
  const link = place?.querySelector("a");
  if (!place || !link) return;
  link.hidden = count === 0 && !old;
  const words = (old ? place.dataset.old : count === 1 ? place.dataset.one : place.dataset.many) ?? "";
  link.textContent = words.replace("{n}", String(count));
}
