// Filing while somebody speaks: kinds of work for the words, places for what is said, what would become of the case.
//
// The form says where each is asked (`data-suggest`, `data-places`, `data-ahead`); answers are fragments of the page, so no
// word stands here. They are sent, not asked by address: what a caller says stands in no log. Nothing is asked while an
// input method composes. Without this script the form's own buttons do the same.

import { carried } from "./carried";

/** Milliseconds of rest after the last letter. */
const REST = 220;
/** Where one word is not yet a word to search. */
const LEAST = 2;

export function startFiling(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-filing]");
  if (form) new Filing(form).start();
  document.querySelector<HTMLElement>("[data-first]")?.focus();
}

/** One question at a time: a later one makes the earlier void. */
class Asking {
  private timer = 0;
  private running: AbortController | null = null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly address: string,
  ) {}

  later(then: (answer: string) => void, rest = REST): void {
    clearTimeout(this.timer);
    this.running?.abort();
    this.timer = window.setTimeout(() => void this.now(then), rest);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    this.running?.abort();
    this.running = null;
  }

  get waiting(): boolean {
    return this.timer !== 0 || this.running !== null;
  }

  private async now(then: (answer: string) => void): Promise<void> {
    this.timer = 0;
    const mine = new AbortController();
    this.running = mine;
    const sent = new FormData(this.form);
    sent.delete("file");
    try {
      const answer = await fetch(this.address, { method: "POST", body: sent, signal: mine.signal });
      const text = answer.ok && !answer.redirected ? await answer.text() : null;
      if (this.running !== mine) return;
      this.running = null;
      if (text !== null) then(text);
    } catch {
      // Without an answer the lists of all items and areas serve.
      if (this.running === mine) this.running = null;
    }
  }
}

class Filing {
  private readonly suggesting: Asking;
  private readonly placing: Asking;
  private readonly looking: Asking;
  private readonly suggested: HTMLElement;
  private readonly answers: HTMLElement;
  private readonly ahead: HTMLElement;
  private readonly title: HTMLInputElement;
  private readonly address: HTMLInputElement;
  private readonly item: HTMLSelectElement;
  private readonly lon: HTMLInputElement;
  private readonly lat: HTMLInputElement;
  private readonly area: HTMLSelectElement;
  /** Enter was pressed before the places came: the first is taken when they do. */
  private hurried = false;
  private setting = false;

  constructor(private readonly form: HTMLFormElement) {
    const find = <Kind extends Element>(selector: string): Kind => {
      const found = form.querySelector<Kind>(selector);
      if (!found) throw new Error(`the filing form lacks ${selector}`);
      return found;
    };
    this.suggesting = new Asking(form, form.dataset.suggest ?? "");
    this.placing = new Asking(form, form.dataset.places ?? "");
    this.looking = new Asking(form, form.dataset.ahead ?? "");
    this.suggested = find("#suggested");
    this.answers = find("#places-answer");
    this.ahead = find("#ahead");
    this.title = find("#title");
    this.address = find("#address");
    this.item = find("#item");
    this.lon = find("#lon");
    this.lat = find("#lat");
    this.area = find("#area");
  }

  start(): void {
    // What a browser kept of the form before this one is another caller's.
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) location.reload();
    });
    this.hearWords();
    this.hearPlace();
    this.form.addEventListener("change", (event) => this.changed(event));
    this.form.addEventListener("keydown", (event) => this.pressed(event));
    this.form.querySelector("#found")?.addEventListener("change", (event) => this.takeFound(event));
    for (const folded of this.form.querySelectorAll<HTMLDetailsElement>("[data-folded]"))
      if (!folded.querySelector("[aria-invalid=true]")) folded.open = false;
    this.offerOwnPlace();
    this.pickOnMap();
    this.title.value ||= carried();
    if (this.title.value) this.askItems();
    if (this.lon.value || this.area.value) this.look();
  }

  /** Calls for each change by hand, once an input method has done composing. */
  private hear(field: HTMLElement, then: () => void): void {
    field.addEventListener("input", (event) => {
      if (!(event instanceof InputEvent && event.isComposing)) then();
    });
    field.addEventListener("compositionend", then);
  }

  private hearWords(): void {
    const description = this.form.querySelector<HTMLTextAreaElement>("#description");
    for (const field of [this.title, description]) if (field) this.hear(field, () => this.askItems());
  }

  private askItems(): void {
    if (this.title.value.trim().length < LEAST) return;
    this.suggesting.later((answer) => {
      const chosen =
        this.item.value || this.suggested.querySelector<HTMLInputElement>("[name=suggested]:checked")?.value;
      this.suggested.innerHTML = answer;
      for (const radio of this.suggestions()) radio.checked = radio.value === chosen;
      if (this.lon.value || this.area.value) this.look();
    });
  }

  private suggestions(): HTMLInputElement[] {
    return [...this.suggested.querySelectorAll<HTMLInputElement>("[name=suggested]")];
  }

  private changed(event: Event): void {
    const field = event.target as HTMLInputElement | HTMLSelectElement;
    if (field.name === "suggested") this.item.value = field.value;
    if (field.name === "item")
      for (const radio of this.suggestions()) radio.checked = radio.value === field.value;
    // A point that was picked on the map or typed finds its area by itself.
    if ((field.name === "lon" || field.name === "lat") && !this.setting) this.area.value = "";
    if (["suggested", "item", "lon", "lat", "area"].includes(field.name)) this.look();
  }

  /** Asks what would become of the case, and shows the point. */
  private look(): void {
    this.showPoint();
    if (!(this.lon.value && this.lat.value) && !this.area.value) {
      this.looking.stop();
      this.ahead.replaceChildren();
      return;
    }
    this.ahead.setAttribute("aria-busy", "true");
    this.looking.later((answer) => {
      this.ahead.innerHTML = answer;
      this.ahead.removeAttribute("aria-busy");
    }, 60);
  }

  private pressed(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form.requestSubmit(this.form.querySelector<HTMLButtonElement>("#file-it"));
    } else if (event.altKey && !event.ctrlKey && /^Digit[1-9]$/.test(event.code)) {
      if (event.shiftKey) this.join(event);
      else if (this.choose(Number(event.code.slice(5)) - 1)) event.preventDefault();
    } else if (event.target === this.address) {
      this.pressedInPlace(event);
    } else if (event.key === "Enter" && event.target === this.title) {
      // The next thing a caller says is where.
      event.preventDefault();
      this.address.focus();
    } else if (event.key === "Enter" && event.target instanceof HTMLInputElement) {
      // Enter on a field never files: a call is filed on purpose.
      if (!["submit", "checkbox", "radio", "file"].includes(event.target.type)) event.preventDefault();
    }
  }

  /** With shift a number says that the caller means that known case. */
  private join(event: KeyboardEvent): void {
    const at = Number(event.code.slice(5)) - 1;
    const button = this.ahead.querySelectorAll<HTMLButtonElement>("button[name=into]")[at];
    if (!button) return;
    event.preventDefault();
    this.form.requestSubmit(button);
  }

  /** A number chooses what is shown under the hand: a place while places are shown, else a kind of work. */
  private choose(at: number): boolean {
    const place = this.options()[at];
    if (place && !this.answers.hidden) {
      this.take(place);
      return true;
    }
    const radio = this.suggestions()[at];
    if (!radio) return false;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    if (document.activeElement === this.title || document.activeElement === radio) this.address.focus();
    return true;
  }

  private hearPlace(): void {
    const field = this.address;
    for (const [name, value] of [
      ["role", "combobox"],
      ["aria-autocomplete", "list"],
      ["aria-expanded", "false"],
      ["aria-controls", "places"],
    ] as const)
      field.setAttribute(name, value);
    this.answers.innerHTML = "";
    const list = document.createElement("ul");
    list.id = "places";
    list.setAttribute("role", "listbox");
    this.answers.append(list);
    this.hear(field, () => {
      if (field.value.trim().length < LEAST) {
        this.close();
        return;
      }
      this.placing.later((answer) => this.show(answer));
    });
    field.addEventListener("blur", () => this.close());
    // The field keeps the focus when a place is chosen by the mouse.
    this.answers.addEventListener("mousedown", (event) => event.preventDefault());
    this.answers.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option) this.take(option);
    });
  }

  private options(): HTMLElement[] {
    return [...this.answers.querySelectorAll<HTMLElement>("[role=option]")];
  }

  private show(answer: string): void {
    if (document.activeElement !== this.address) return;
    this.answers.innerHTML = answer;
    this.answers.hidden = false;
    this.address.setAttribute("aria-expanded", String(this.options().length > 0));
    this.point(0);
    if (!this.hurried) return;
    this.hurried = false;
    const first = this.options()[0];
    if (first) this.take(first);
  }

  private close(): void {
    this.placing.stop();
    this.hurried = false;
    this.answers.hidden = true;
    this.address.setAttribute("aria-expanded", "false");
    this.address.removeAttribute("aria-activedescendant");
  }

  private point(at: number): void {
    for (const [place, option] of this.options().entries())
      option.setAttribute("aria-selected", String(place === at));
    const pointed = this.options()[at];
    if (!pointed) return;
    this.address.setAttribute("aria-activedescendant", pointed.id);
    pointed.scrollIntoView({ block: "nearest" });
  }

  private pressedInPlace(event: KeyboardEvent): void {
    const options = this.answers.hidden ? [] : this.options();
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
      event.preventDefault();
      this.point((at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const chosen = options[at];
      if (chosen) this.take(chosen);
      else if (this.placing.waiting) this.hurried = true;
      else this.form.querySelector<HTMLElement>("#description")?.focus();
    } else if (event.key === "Escape" && !this.answers.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }

  /** The place of a list's line into the fields that are sent. */
  private take(option: HTMLElement): void {
    const { lon = "", lat = "", area = "", address = "" } = option.dataset;
    this.close();
    this.address.value = address;
    this.setPlace(lon, lat, area, option.querySelector("b")?.textContent ?? area);
  }

  private takeFound(event: Event): void {
    const radio = event.target as HTMLInputElement;
    const [lon, lat, area, address] = JSON.parse(radio.value) as [
      number | null,
      number | null,
      string,
      string,
    ];
    this.address.value = address;
    const name = radio.parentElement?.textContent ?? area;
    this.setPlace(lon === null ? "" : String(lon), lat === null ? "" : String(lat), area, name);
  }

  private setPlace(lon: string, lat: string, area: string, name = area): void {
    this.lon.value = lon;
    this.lat.value = lat;
    if (area && ![...this.area.options].some((option) => option.value === area))
      this.area.add(new Option(name, area));
    this.area.value = area;
    // The map moves its pin when the fields change, whoever changed them.
    this.setting = true;
    this.lon.dispatchEvent(new Event("change", { bubbles: true }));
    this.setting = false;
  }

  private offerOwnPlace(): void {
    const button = this.form.querySelector<HTMLButtonElement>("#own-place");
    if (!button || !navigator.geolocation) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      button.setAttribute("aria-busy", "true");
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          button.removeAttribute("aria-busy");
          this.setPlace(coords.longitude.toFixed(6), coords.latitude.toFixed(6), "");
        },
        () => button.removeAttribute("aria-busy"),
        { enableHighAccuracy: true, timeout: 10000 },
      );
    });
  }

  private drawing(): SVGSVGElement | null {
    return this.form.querySelector<SVGSVGElement>("svg[data-west]");
  }

  private pickOnMap(): void {
    const map = this.drawing();
    if (!map) return;
    map.classList.add("pick");
    map.addEventListener("click", (event) => {
      const matrix = map.getScreenCTM();
      if (!matrix) return;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
      const { west, north, perLon, perLat } = map.dataset;
      const lon = Number(west) + at.x / Number(perLon);
      const lat = Number(north) - at.y / Number(perLat);
      this.setPlace(lon.toFixed(6), lat.toFixed(6), "");
    });
    for (const field of [this.lon, this.lat]) field.addEventListener("input", () => this.showPoint());
    this.showPoint();
  }

  private showPoint(): void {
    const map = this.drawing();
    map?.querySelector(".point")?.remove();
    const lon = Number.parseFloat(this.lon.value);
    const lat = Number.parseFloat(this.lat.value);
    if (!map || Number.isNaN(lon) || Number.isNaN(lat)) return;
    const { west, north, perLon, perLat } = map.dataset;
    const svg = "http://www.w3.org/2000/svg";
    const point = document.createElementNS(svg, "g");
    point.setAttribute("class", "point");
    for (const [radius, name] of [
      ["13", ""],
      ["5.5", "core"],
    ] as const) {
      const circle = document.createElementNS(svg, "circle");
      circle.setAttribute("cx", String((lon - Number(west)) * Number(perLon)));
      circle.setAttribute("cy", String((Number(north) - lat) * Number(perLat)));
      circle.setAttribute("r", radius);
      circle.setAttribute("class", name);
      point.append(circle);
    }
    map.append(point);
  }
}
