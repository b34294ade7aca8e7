// The palette on `/` and Ctrl-K: one field for cases, areas, items, people, places and what this page can do.
//
// The server finds (`data-palette` names its address; `part=found` gives a listbox ready to show); what the page itself
// offers by a key is added here. Without a script the same link leads to a page that does the same.
import { carry } from "./carried";
import { isSlash, isTyping, keysAreOff, nameOf } from "./keys";

/** Milliseconds after the last letter until the server is asked. */
const REST = 140;

export function startPalette(): void {
  const dialog = document.querySelector<HTMLDialogElement>("dialog#palette");
  const opener = document.querySelector<HTMLAnchorElement>("a[data-palette]");
  const field = dialog?.querySelector<HTMLInputElement>("[role=combobox]");
  const answer = dialog?.querySelector<HTMLElement>("#palette-answer");
  if (dialog && opener && field && answer) new Palette(dialog, opener, field, answer).start();
}

class Palette {
  private timer = 0;
  private asking: AbortController | null = null;
  /** Enter was pressed before the answer came: its first line is opened when it does. */
  private hurried = false;

  constructor(
    private readonly dialog: HTMLDialogElement,
    private readonly opener: HTMLAnchorElement,
    private readonly field: HTMLInputElement,
    private readonly answer: HTMLElement,
  ) {}

  start(): void {
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.isComposing) return;
      const withCtrl = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
      const alone = !event.ctrlKey && !event.metaKey && !event.altKey && isSlash(event);
      if (!withCtrl && !(alone && !keysAreOff() && !isTyping(event))) return;
      event.preventDefault();
      if (this.dialog.open) this.dialog.close();
      else if (!document.querySelector("dialog:modal")) this.open();
    });
    this.opener.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.open();
    });
    this.field.addEventListener("input", (event) => {
      if (event instanceof InputEvent && event.isComposing) return;
      this.later();
    });
    this.field.addEventListener("compositionend", () => this.later());
    this.field.addEventListener("keydown", (event) => this.pressed(event));
    this.field.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.choose(false);
    });
    this.answer.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option instanceof HTMLAnchorElement) carry(option.dataset.words);
      else if (option) this.take(option);
    });
    // A page that comes back from the browser's store comes without the palette.
    window.addEventListener("pagehide", () => this.dialog.close());
    this.dialog.addEventListener("close", () => {
      clearTimeout(this.timer);
      this.asking?.abort();
      this.hurried = false;
      this.field.setAttribute("aria-expanded", "false");
    });
  }

  private open(): void {
    // The phone's menu lies above everything: it goes first.
    for (const menu of document.querySelectorAll<HTMLElement>(":popover-open")) menu.hidePopover();
    this.field.value = "";
    this.dialog.showModal();
    this.field.focus();
    void this.ask();
  }

  private later(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = null;
    this.timer = window.setTimeout(() => void this.ask(), REST);
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = 0;
    const words = this.field.value.trim();
    const mine = new AbortController();
    this.asking?.abort();
    this.asking = mine;
    let found: string | null = null;
    try {
      const address = `${this.opener.dataset.palette}?${new URLSearchParams({ q: words, part: "found" })}`;
      const answer = await fetch(address, { signal: mine.signal });
      // Signed out meanwhile, or a text that cannot be asked for: the page itself says what is the matter.
      if (answer.ok && !answer.redirected) found = await answer.text();
    } catch {
      if (mine.signal.aborted) return;
    }
    if (this.asking !== mine) return;
    this.asking = null;
    if (found !== null) this.answer.innerHTML = found;
    this.addOwn(words);
    this.name();
    if (this.hurried) {
      this.hurried = false;
      this.choose(false);
    }
  }

  /** What the page offers by a key, as far as it is named by the words. */
  private addOwn(words: string): void {
    const template = document.querySelector<HTMLTemplateElement>("#palette-here");
    const list = this.answer.querySelector<HTMLElement>("#palette-found");
    const group = template?.content.cloneNode(true) as DocumentFragment | undefined;
    const into = group?.firstElementChild;
    if (!list || !into) return;
    const sought = words.toLowerCase();
    for (const element of document.querySelectorAll<HTMLElement>("[data-key]")) {
      const name = nameOf(element);
      if (!name || !element.checkVisibility() || !name.toLowerCase().includes(sought)) continue;
      const option = document.createElement("div");
      option.setAttribute("role", "option");
      option.dataset.reaches = element.dataset.key;
      const label = document.createElement("span");
      label.textContent = name;
      const key = document.createElement("small");
      key.textContent = element.dataset.key ?? "";
      option.append(label, key);
      into.append(option);
    }
    if (!into.querySelector("[role=option]")) return;
    list.hidden = false;
    this.answer.querySelector("[role=status]")?.remove();
    list.prepend(into);
  }

  private options(): HTMLElement[] {
    return [...this.answer.querySelectorAll<HTMLElement>("[role=option]")];
  }

  private name(): void {
    for (const [place, option] of this.options().entries()) option.id = `palette-option-${place}`;
    this.field.setAttribute("aria-expanded", String(this.options().length > 0));
    this.point(0);
  }

  private point(at: number): void {
    const options = this.options();
    for (const [place, option] of options.entries())
      option.setAttribute("aria-selected", String(place === at));
    const pointed = options[at];
    if (pointed) {
      this.field.setAttribute("aria-activedescendant", pointed.id);
      pointed.scrollIntoView({ block: "nearest" });
    } else this.field.removeAttribute("aria-activedescendant");
  }

  private pressed(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229) return;
    const options = this.options();
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
      event.preventDefault();
      const by = event.key === "ArrowDown" ? 1 : -1;
      this.point((at + by + options.length) % options.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.choose(event.ctrlKey || event.metaKey);
    }
  }

  private choose(inNewTab: boolean): void {
    if (this.timer || this.asking) {
      this.hurried = true;
      if (this.timer) void this.ask();
      return;
    }
    const chosen = this.options().find((option) => option.getAttribute("aria-selected") === "true");
    carry(chosen?.dataset.words);
    // A window of its own would not get the words.
    const apart = chosen?.dataset.words ? "" : "noopener";
    if (chosen instanceof HTMLAnchorElement && inNewTab) window.open(chosen.href, "_blank", apart);
    else if (chosen instanceof HTMLAnchorElement) location.assign(chosen.href);
    else if (chosen) this.take(chosen);
    else this.field.form?.submit();
  }

  /** Something of this page: closes, and presses its key. */
  private take(option: HTMLElement): void {
    const key = option.dataset.reaches;
    this.dialog.close();
    document.body.focus();
    document.dispatchEvent(new CustomEvent("wangge:key", { detail: { key } }));
  }
}
