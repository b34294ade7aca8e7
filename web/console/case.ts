// A case's page: filled texts, further parts, what others change while one writes. Without a script the same forms ask the
// server for it.

import type { LiveState } from "./live";

interface Changed {
  id: string;
  verb: string;
  revision: number;
  by: string;
  by_id?: number | null;
}

/** What the journal tells of a case without changing its revision. */
const BESIDE = ["case.noted", "case.answered", "case.attached", "case.summons-answered"];
const MINUTE = 60_000;
const SETTLED = 5_000;
/** All desks may have missed something in the same moment; they ask within so many milliseconds. */
const SPREAD = 3_000;

export function startCase(): void {
  document.addEventListener("change", fillText);
  document.addEventListener("click", addPart);
  for (const button of document.querySelectorAll<HTMLElement>("[data-ready-button]")) button.hidden = true;
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  const page = document.querySelector<HTMLElement>("[data-case]");
  if (!page) return;
  document.addEventListener("wangge:case", (event) => {
    if (event instanceof CustomEvent) void changed(page, event.detail as Changed);
  });
  document.addEventListener("wangge:live", (event) => {
    if ((event as CustomEvent<LiveState>).detail.missed)
      window.setTimeout(() => void show(page), Math.random() * SPREAD);
  });
  document.querySelector("[data-changed-show]")?.addEventListener("click", () => void show(page, true));
  // Who is summoned is waited for by the minute.
  if (page.dataset.summoned !== undefined)
    window.setInterval(() => {
      if (document.visibilityState === "visible" && !writing(page)) void show(page);
    }, MINUTE);
}

/** Puts a chosen ready text where it belongs; what was typed before it stays above. */
function fillText(event: Event): void {
  const select = event.target;
  if (!(select instanceof HTMLSelectElement) || !select.dataset.readyFor) return;
  const field = document.getElementById(select.dataset.readyFor);
  const text = select.selectedOptions[0]?.dataset.text;
  if (!(field instanceof HTMLTextAreaElement) || !text) return;
  field.value = field.value.trim() ? `${field.value.trimEnd()}\n${text}` : text;
  select.value = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

function addPart(event: Event): void {
  const button = event.target instanceof Element ? event.target.closest("[data-add-part]") : null;
  const list = button?.closest("[data-parts]");
  const rows = list?.querySelectorAll<HTMLElement>("[data-part-row]");
  const last = rows?.[rows.length - 1];
  if (!button || !rows || !last) return;
  event.preventDefault();
  const number = rows.length + 1;
  const added = last.cloneNode(true) as HTMLElement;
  const legend = added.querySelector("legend");
  if (legend) legend.textContent = (legend.textContent ?? "").replace(/\d+/, String(number));
  for (const field of added.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")) {
    field.value = "";
    field.id = field.id.replace(/\d+$/, String(number));
  }
  for (const label of added.querySelectorAll("label"))
    label.htmlFor = label.htmlFor.replace(/\d+$/, String(number));
  last.after(added);
  added.querySelector<HTMLElement>("input")?.focus();
  if (number >= 9) button.remove();
}

async function changed(page: HTMLElement, told: Changed): Promise<void> {
  if (told.id !== page.dataset.case) return;
  if (told.revision <= Number(page.dataset.revision) && !BESIDE.includes(told.verb)) return;
  const own = String(told.by_id) === page.dataset.meId;
  // What one has just done oneself stands on the page that came after it.
  if (own && performance.now() < SETTLED) return;
  // Nothing is decided over one's own note.
  if (!writing(page) || (own && BESIDE.includes(told.verb))) await show(page);
  else announce(told.by);
}

function announce(by: string): void {
  const banner = document.getElementById("case-changed");
  const said = banner?.querySelector<HTMLElement>("[data-changed-by]");
  if (!banner || !said) return;
  said.textContent = by ? (banner.dataset.said ?? "").replace("{by}", by) : (banner.dataset.saidPlain ?? "");
  banner.hidden = false;
}

/** The parts that hold what somebody has typed, chosen or opened, or what was typed before and came back. */
function held(part: Element): boolean {
  if (part.querySelector("[data-returned]")) return true;
  if (part.contains(document.activeElement) && document.activeElement !== document.body) return true;
  const fields = part.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(
    "input:not([type=hidden]), textarea, select",
  );
  return [...fields].some((field) => {
    if (field instanceof HTMLSelectElement)
      return [...field.options].some((option) => option.selected !== option.defaultSelected && option.value);
    if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type))
      return field.checked !== field.defaultChecked;
    if (field instanceof HTMLInputElement && field.type === "file") return Boolean(field.files?.length);
    return field.value !== field.defaultValue;
  });
}

function writing(page: HTMLElement): boolean {
  return [...page.querySelectorAll("[data-part]")].some(held);
}

/**
 * Draws the parts anew as the server has them now. Forms in which somebody writes stay; they follow the new revision only when
 * the person has asked to see what changed, so that nobody decides over what they have not seen.
 */
async function show(page: HTMLElement, asked = false): Promise<void> {
  const address = new URL(location.href);
  if (page.dataset.from && !address.searchParams.has("from"))
    address.searchParams.set("from", page.dataset.from);
  const answer = await fetch(address, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = fresh.querySelector<HTMLElement>("[data-case]");
  if (now?.dataset.case !== page.dataset.case || !now) return;
  let unseen = false;
  for (const part of page.querySelectorAll<HTMLElement>("[data-part]")) {
    const next = fresh.getElementById(part.id);
    if (next && held(part)) {
      if (asked) follow(part, next);
      else unseen ||= behind(part, next);
    } else if (next && !sameWords(part, next)) part.replaceWith(document.adoptNode(next));
    else if (!next && !held(part)) part.remove();
  }
  for (const next of now.querySelectorAll<HTMLElement>("[data-part]")) {
    if (document.getElementById(next.id)) continue;
    const column = page.querySelector(next.closest(".side") ? ".side" : ".middle");
    column?.prepend(document.adoptNode(next));
  }
  page.dataset.revision = now.dataset.revision ?? "";
  const banner = document.getElementById("case-changed");
  if (banner && !unseen) banner.hidden = true;
  else if (banner?.hidden) announce("");
  for (const button of page.querySelectorAll<HTMLElement>("[data-ready-button]")) button.hidden = true;
}

/** Ids that each drawing makes anew are no change. */
function sameWords(part: HTMLElement, next: HTMLElement): boolean {
  return part.id !== "part-steps" && part.id !== "part-boxes" && part.textContent === next.textContent;
}

/** The forms of a part, each with the fields that hold its revision here and as the server has it now. */
function revisions(part: HTMLElement, next: HTMLElement): [HTMLInputElement, HTMLInputElement][] {
  return [...part.querySelectorAll<HTMLFormElement>("form[action]")].flatMap((form) => {
    const other = next.querySelector(`form[action="${CSS.escape(form.getAttribute("action") ?? "")}"]`);
    const revision = form.querySelector<HTMLInputElement>("[name=revision]");
    const newer = other?.querySelector<HTMLInputElement>("[name=revision]");
    return revision && newer ? [[revision, newer]] : [];
  });
}

function behind(part: HTMLElement, next: HTMLElement): boolean {
  return revisions(part, next).some(([revision, newer]) => revision.value !== newer.value);
}

function follow(part: HTMLElement, next: HTMLElement): void {
  for (const [revision, newer] of revisions(part, next)) revision.value = newer.value;
}
