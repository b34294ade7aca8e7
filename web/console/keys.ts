// The keyboard: one key a step, rows up and down, `g` and a letter for the places, `?` for the list of all keys.
//
// The page says what there is: `data-key="a"` on a link, button, field or `<details>` (`data-key-label` names it, else its
// text), `[data-rows]` with `[data-row]`, `data-go="c"` on a place. Nothing acts while somebody types, composes Chinese,
// holds Ctrl, Alt or ⌘, or has a dialog open. `<body data-keys="off">` switches off all keys that are single characters.

/** How long `g` waits for its letter, in milliseconds. */
const PATIENCE = 1500;
/** What a Chinese keyboard may send where the key says `/` or `?`. */
const SLASH = ["/", "／", "、"];
const QUESTION = ["?", "？"];

let going = 0;

export function startKeys(): void {
  document.addEventListener("keydown", pressed);
  const help = document.querySelector<HTMLDialogElement>("dialog#keys");
  for (const button of document.querySelectorAll<HTMLElement>("[data-help]")) {
    button.hidden = !help;
    button.addEventListener("click", showHelp);
  }
  for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog")) {
    for (const close of dialog.querySelectorAll("[data-close]"))
      close.addEventListener("click", () => dialog.close());
    // A click beside a dialog is on the dialog itself, not on anything in it.
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog && !isInside(dialog, event)) dialog.close();
    });
  }
  help
    ?.querySelector<HTMLFormElement>("[data-keys-switch]")
    ?.addEventListener("submit", (event) => void switchKeys(event));
  window.addEventListener("pageshow", findLastRow);
  tellShortcuts();
  document.addEventListener("htmx:after:swap", tellShortcuts);
  document.addEventListener("wangge:key", (event) => {
    const reached = shown<HTMLElement>(
      `[data-key="${CSS.escape((event as CustomEvent<{ key: string }>).detail.key)}"]`,
    );
    if (reached) reach(reached);
  });
}

/** Screen readers tell a control's key with its name. */
function tellShortcuts(): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-key]")) {
    const control = element instanceof HTMLDetailsElement ? element.querySelector("summary") : element;
    if (keysAreOff()) control?.removeAttribute("aria-keyshortcuts");
    else control?.setAttribute("aria-keyshortcuts", element.dataset.key ?? "");
  }
}

/** Whether this event is somebody's typing or a command of the browser, and no key of ours. */
export function isTyping(event: KeyboardEvent): boolean {
  // 229: a browser that hands a key to the input method before it says that it composes.
  if (event.isComposing || event.keyCode === 229) return true;
  const at = event.target;
  if (!(at instanceof HTMLElement)) return false;
  if (at.isContentEditable || at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement)
    return true;
  return (
    at instanceof HTMLInputElement &&
    !["checkbox", "radio", "button", "submit", "reset", "image", "file", "range"].includes(at.type)
  );
}

export function keysAreOff(): boolean {
  return document.body.dataset.keys === "off";
}

/** `/` as it comes from any keyboard. */
export function isSlash(event: KeyboardEvent): boolean {
  return SLASH.includes(event.key);
}

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog:modal")) return;
  if (event.key === "Escape") {
    if (!event.isComposing && leave(event.target)) event.preventDefault();
    return;
  }
  if (isTyping(event)) return;
  if (moves(event) || (!keysAreOff() && acts(event))) event.preventDefault();
}

/** Rows by the arrows, once a row has the focus: before, the arrows scroll the page as always. */
function moves(event: KeyboardEvent): boolean {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return false;
  const at = event.target;
  if (!(at instanceof HTMLElement) || !at.closest("[data-row][aria-current=true]")) return false;
  return step(event.key === "ArrowDown" ? 1 : -1);
}

/** Whether the key was one of ours. */
function acts(event: KeyboardEvent): boolean {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (performance.now() < going) {
    going = 0;
    const place = shown<HTMLElement>(`[data-go="${CSS.escape(key)}"]`, true);
    if (place) place.click();
    return place !== undefined;
  }
  if (QUESTION.includes(event.key)) return showHelp();
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  if (event.repeat) return false;
  if (key === "o" && currentRow()) return open();
  if (key === "x" && rows().some(tick)) return event.shiftKey ? tickAll() : tickOne();
  if (event.shiftKey && key.length === 1 && key !== key.toUpperCase()) {
    const large = shown<HTMLElement>(`[data-key="${CSS.escape(key.toUpperCase())}"]`);
    return large ? reach(large) : false;
  }
  const reached = shown<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  if (reached) return reach(reached);
  if (key !== "g") return false;
  going = performance.now() + PATIENCE;
  return true;
}

/** The first of these that can be seen and used; a place counts also while the phone's menu is closed. */
function shown<Kind extends HTMLElement>(selector: string, evenHidden = false): Kind | undefined {
  return [...document.querySelectorAll<Kind>(selector)].find(
    (element) => evenHidden || (element.checkVisibility() && !element.matches(":disabled")),
  );
}

function reach(element: HTMLElement): boolean {
  const details = element instanceof HTMLDetailsElement ? element : null;
  if (details) {
    details.open = true;
    (firstField(details) ?? details.querySelector("summary"))?.focus();
    details.scrollIntoView({ block: "nearest" });
  } else if (isField(element)) {
    element.focus();
    if (element instanceof HTMLInputElement) element.select();
  } else {
    element.click();
  }
  return true;
}

function isField(element: HTMLElement): boolean {
  return (
    element instanceof HTMLSelectElement ||
    element instanceof HTMLTextAreaElement ||
    (element instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(element.type))
  );
}

function firstField(within: HTMLElement): HTMLElement | undefined {
  const fields = within.querySelectorAll<HTMLElement>(
    "input:not([type=hidden], :disabled), select:not(:disabled), textarea:not(:disabled), form button:not(:disabled)",
  );
  return [...fields].find((field) => field.checkVisibility());
}

/** Esc leaves a field, and then closes the part that a key opened. */
function leave(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || target === document.body) return false;
  const details = target.closest<HTMLDetailsElement>("details[open][data-key]");
  if (details && details !== target) {
    details.open = false;
    details.querySelector("summary")?.focus();
    return true;
  }
  target.blur();
  return false;
}

function rows(): HTMLElement[] {
  const at = document.activeElement?.closest("[data-rows]");
  const lists = at ? [at] : document.querySelectorAll("[data-rows]");
  for (const list of lists) {
    const found = [...list.querySelectorAll<HTMLElement>("[data-row]")].filter((row) =>
      row.checkVisibility(),
    );
    if (found.length) return found;
  }
  return [];
}

function currentRow(): HTMLElement | undefined {
  return rows().find((row) => row.getAttribute("aria-current") === "true");
}

function step(by: number): boolean {
  const all = rows();
  if (!all.length) return false;
  const at = all.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
  if (next) makeCurrent(next);
  return true;
}

/** Marks a row as the one that the next key is for, and gives its first link the focus. */
export function makeCurrent(row: HTMLElement): void {
  for (const other of document.querySelectorAll("[data-row][aria-current=true]"))
    other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  const link = firstLink(row);
  (link ?? row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  if (link instanceof HTMLAnchorElement)
    history.replaceState({ ...(history.state as object | null), row: link.getAttribute("href") }, "");
}

function firstLink(row: HTMLElement): HTMLElement | null {
  return row.querySelector<HTMLElement>("a[href], button");
}

/** Who comes back to a list goes on where they were. */
function findLastRow(): void {
  const href = (history.state as { row?: string } | null)?.row;
  if (!href || document.activeElement !== document.body) return;
  const link = document.querySelector<HTMLElement>(`[data-row] a[href="${CSS.escape(href)}"]`);
  const row = link?.closest<HTMLElement>("[data-row]");
  if (row) makeCurrent(row);
}

function open(): boolean {
  const row = currentRow();
  if (row) firstLink(row)?.click();
  return row !== undefined;
}

function tick(row: HTMLElement): HTMLInputElement | null {
  return row.querySelector<HTMLInputElement>("input[type=checkbox]:not(:disabled)");
}

function tickOne(): boolean {
  const row = currentRow();
  if (row) tick(row)?.click();
  return row !== undefined;
}

/** All, or none when all are ticked. */
function tickAll(): boolean {
  const boxes = rows()
    .map(tick)
    .filter((box) => box !== null);
  const to = boxes.some((box) => !box.checked);
  for (const box of boxes) if (box.checked !== to) box.click();
  return boxes.length > 0;
}

function showHelp(): boolean {
  const help = document.querySelector<HTMLDialogElement>("dialog#keys");
  if (!help) return false;
  const places = document.querySelectorAll<HTMLElement>("[data-go]");
  fill(
    help,
    "[data-keys-places]",
    [...places].map((place) => [["g", place.dataset.go ?? ""], nameOf(place)]),
  );
  const seen = new Set<string>();
  const here: [string[], string][] = [];
  for (const element of document.querySelectorAll<HTMLElement>("[data-key]")) {
    const key = element.dataset.key ?? "";
    if (!element.checkVisibility() || seen.has(key)) continue;
    seen.add(key);
    here.push([[key], nameOf(element)]);
  }
  fill(help, "[data-keys-here]", here);
  const all = rows();
  const list = help.querySelector<HTMLElement>("[data-keys-rows]");
  if (list) list.hidden = !all.length;
  for (const line of help.querySelectorAll<HTMLElement>("[data-keys-ticks]")) line.hidden = !all.some(tick);
  help.showModal();
  return true;
}

export function nameOf(element: HTMLElement): string {
  const own = element.dataset.keyLabel ?? element.getAttribute("aria-label");
  if (own) return own;
  const label = element instanceof HTMLInputElement ? element.labels?.[0] : element.querySelector("summary");
  return (label ?? element).textContent.replace(/\s+/g, " ").trim();
}

function fill(help: HTMLElement, selector: string, lines: [string[], string][]): void {
  const section = help.querySelector<HTMLElement>(selector);
  const list = section?.querySelector("dl");
  if (!section || !list) return;
  section.hidden = !lines.length;
  list.replaceChildren(
    ...lines.map(([keys, name]) => {
      const line = document.createElement("div");
      const term = document.createElement("dt");
      for (const [place, key] of keys.entries()) {
        if (place) term.append(" ");
        const drawn = document.createElement("kbd");
        drawn.textContent = key;
        term.append(drawn);
      }
      const told = document.createElement("dd");
      told.textContent = name;
      line.append(term, told);
      return line;
    }),
  );
}

/** Keeps the choice without leaving the page; where that fails, the form is sent as any other. */
async function switchKeys(event: SubmitEvent): Promise<void> {
  const form = event.currentTarget;
  const button = event.submitter;
  if (!(form instanceof HTMLFormElement) || !(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  const given = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) if (name !== "next") given.set(name, String(value));
  const answer = await fetch(form.action, { method: "POST", body: given }).catch(() => null);
  if (!answer?.ok) {
    form.submit();
    return;
  }
  document.body.dataset.keys = button.value;
  tellShortcuts();
  for (const each of form.querySelectorAll<HTMLElement>("[data-keys-off]"))
    each.hidden = button.value === "off";
  for (const each of form.querySelectorAll<HTMLElement>("[data-keys-on]"))
    each.hidden = button.value !== "off";
  form.querySelector<HTMLElement>("button:not([hidden])")?.focus();
}

function isInside(dialog: HTMLElement, event: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return (
    event.clientX >= box.left &&
    event.clientX <= box.right &&
    event.clientY >= box.top &&
    event.clientY <= box.bottom
  );
}
