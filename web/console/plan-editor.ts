// The editor of a plan: the map, the list for the keyboard, figures that change at once, names, undo, keeping and improving.
import { Alone } from "./alone";
import { type Ask, COVER_FIGURES, Covering } from "./plan-cover";
import { type Named, PlanMap, type Tool } from "./plan-map";
import {
  type Bond,
  type Broken,
  FAULTS,
  type Figures,
  type GridSums,
  PlanModel,
  type Told,
  type ToldGrid,
} from "./plan-model";
import type { Answered, Asked, Opened } from "./plan-walker";
import { rounded, WAY_FIGURES } from "./plan-ways";

// More lines than these nobody reads in a list; a word in the search makes them fewer.
const MOST_LISTED = 500;
// What is not under the hand waits until the hand rests for longer than between two strokes: the list of atoms, the map itself, and
// the names on it.
const REST_MS = 400;
const STEP_MS = 50;
// So many units of a bond are named.
const MOST_NAMED = 3;

interface Row {
  line: HTMLElement;
  input: HTMLInputElement;
  told: string;
  // To its farthest door, as it was counted last.
  way: string;
}

interface Kept {
  revision: number;
  grids: ToldGrid[];
}

export async function openEditor(host: HTMLElement): Promise<void> {
  new Editor(host, new PlanModel(await atomsOf(host)));
}

async function atomsOf(host: HTMLElement): Promise<Told> {
  const answer = await fetch(host.dataset.atomsAt ?? "");
  if (!answer.ok) throw new Error(String(answer.status));
  return await answer.json();
}

class Editor {
  private readonly said: Record<string, string>;
  private readonly rows = new Map<number, Row>();
  private readonly parts = new Map<string, HTMLElement>();
  private readonly cells: HTMLElement[];
  private readonly wayCells: HTMLElement[];
  private readonly coverCells: HTMLElement[];
  private readonly covering = new Covering(
    (labels) => this.askCover(labels),
    () => this.settleCover(),
  );
  private readonly walker = new Worker(new URL("./plan-walker.ts", import.meta.url), { type: "module" });
  // Nothing is known of it until the walker has the net.
  private walks: boolean | null = null;
  // Of which grids the walker counts the ways.
  private walking: [label: number, atoms: Int32Array][] = [];
  private faults: Broken[] = [];
  private map: PlanMap | null = null;
  private chosen: number;
  private figures: Figures;
  private revision: number;
  private unkept = false;
  private readonly keeping = new Alone(() => this.keep());
  private readonly improving = new Alone(() => this.improve());
  private busy = false;
  private changes = 0;
  private counting = 0;
  private resting = 0;
  private toldGrids = "";
  private toldBroken = "";
  private toldBonds = "";
  private drawnBonds: readonly Bond[] = [];
  // What a lasso chose stands first in the list.
  private lassoed = new Set<number>();

  constructor(
    private readonly host: HTMLElement,
    private readonly model: PlanModel,
  ) {
    this.said = JSON.parse(host.dataset.said ?? "{}");
    const cells = [...host.querySelectorAll<HTMLElement>("[data-figure]")];
    const among = (figures: string[]) => cells.filter((cell) => figures.includes(cell.dataset.figure ?? ""));
    this.wayCells = among(WAY_FIGURES);
    this.coverCells = among(COVER_FIGURES);
    this.cells = cells.filter((cell) => !this.wayCells.includes(cell) && !this.coverCells.includes(cell));
    this.revision = model.told.revision;
    this.figures = model.figures();
    this.chosen = this.figures.grids[0]?.label ?? 0;
    this.joinMap();
    this.listen();
    this.show();
    this.list();
    host.dataset.planOpen = "";
    this.openWalker();
    this.openCover();
  }

  // What is kept the page has told already.
  private openCover(): void {
    const kept = this.coverCells.map((cell) => [cell.dataset.figure ?? "", cell.textContent ?? ""]);
    if (kept.every(([, told]) => told))
      this.covering.learn(
        this.model.labels,
        Object.fromEntries(kept.map(([name, told]) => [name, Number(told)])),
      );
    this.settleCover();
  }

  private settleCover(): void {
    if (this.coverCells.length && !this.model.inStroke) this.covering.settle(this.model.labels);
    this.showCover();
  }

  private async askCover(labels: number[]): ReturnType<Ask> {
    const answer = await this.post(this.host.dataset.coveredAt ?? "", { labels });
    return { status: answer.status, cover: answer.ok ? await answer.json() : undefined };
  }

  // While a hand works nothing is asked; what was told of before looks as if it waited.
  private showCover(): void {
    if (!this.coverCells.length) return;
    const cover = this.model.inStroke ? null : this.covering.of(this.model.labels);
    for (const cell of this.coverCells) {
      const waits = String(!cover);
      if (cell.getAttribute("aria-busy") !== waits) cell.setAttribute("aria-busy", waits);
      if (cover) write(cell, String(cover[cell.dataset.figure ?? ""] ?? ""));
    }
    if (cover && !this.counting) this.host.dataset.planCovered = String(this.changes);
  }

  // The net of streets comes when the page can be used already, and who counts along it does so beside the page.
  private openWalker(): void {
    const { metresX: x, metresY: y, households } = this.model;
    this.walker.onmessage = ({ data }: MessageEvent<Answered>) => this.hear(data);
    this.walker.onerror = () => this.hear({ ready: false });
    this.walker.postMessage({ netAt: this.host.dataset.waysAt ?? "", x, y, households } satisfies Opened);
    this.showWays();
  }

  private hear(answer: Answered): void {
    if ("ready" in answer) {
      this.walks = answer.ready;
    } else {
      const asked = this.walking;
      this.walking = [];
      asked.forEach(([label, atoms], at) => {
        const way = answer.ways[at];
        if (way && this.model.walked(label, atoms, way)) this.showWay(label);
      });
    }
    this.walk();
  }

  // One thing after another: what changes meanwhile is asked for once that is there.
  private walk(): void {
    if (this.walks && !this.walking.length) {
      this.walking = this.model.unwalked;
      if (this.walking.length)
        this.walker.postMessage(this.walking.map(([, atoms]) => atoms) satisfies Asked);
    }
    this.showWays();
  }

  private part<Kind extends HTMLElement>(name: string): Kind {
    const found = this.parts.get(name) ?? this.host.querySelector<HTMLElement>(`[data-${name}]`);
    if (!found) throw new Error(name);
    this.parts.set(name, found);
    return found as Kind;
  }

  private joinMap(): void {
    const host = this.host.querySelector<HTMLElement>("[data-map]");
    if (!host) return;
    const join = () => {
      this.map = new PlanMap(host, this.model, {
        began: () => {
          this.model.beginStroke();
          clearTimeout(this.resting);
        },
        gave: (atoms) => this.give(atoms),
        ended: () => {
          if (this.model.endStroke()) this.after([]);
          this.restSoon();
        },
        dropped: () => this.drop(),
        picked: (atom) => this.choose(this.model.labels[atom] ?? -1),
        chose: (atoms, beside) => this.chooseAtoms(atoms, beside),
        over: (atom) => this.tellUnder(atom),
      });
      this.map.use(this.tool);
      this.map.bind(this.model.bonds);
      this.writeNames();
      this.host.dataset.planMap = "";
      void this.lieGround(this.map);
    };
    if (host.dataset.mapOpen === "whole") join();
    else host.addEventListener("wangge:map-open", join, { once: true });
  }

  // What lies on the ground comes after the atoms, which do not wait for it.
  private async lieGround(map: PlanMap): Promise<void> {
    const { groundAt } = this.host.dataset;
    const shown = this.host.querySelector<HTMLInputElement>("[data-ground-shown]");
    if (!groundAt || !shown) return;
    try {
      const answer = await fetch(groundAt);
      if (!answer.ok) throw new Error(String(answer.status));
      map.lie(await answer.json());
    } catch (error) {
      // The atoms are there without it.
      console.info(String(error));
      return;
    }
    const show = () => map.showGround(shown.checked);
    shown.addEventListener("change", show);
    show();
    this.part("ground").hidden = false;
    this.host.dataset.planGround = "";
  }

  private get tool(): Tool {
    return (this.host.querySelector<HTMLInputElement>("[name=tool]:checked")?.value ?? "pan") as Tool;
  }

  private listen(): void {
    for (const input of this.host.querySelectorAll("[name=tool]"))
      input.addEventListener("change", () => this.map?.use(this.tool));
    this.part("undo").addEventListener("click", () => this.back());
    this.part("redo").addEventListener("click", () => this.forth());
    this.part("let-go").addEventListener("click", () => this.letGo());
    this.part("free").addEventListener("click", () => this.letGo(this.model.chosen));
    this.part("give").addEventListener("click", () => this.give(this.model.chosen));
    this.part("add").addEventListener("click", () => this.add());
    this.part("together").addEventListener("click", () => this.bind("together"));
    this.part("apart").addEventListener("click", () => this.bind("apart"));
    this.part("list").addEventListener("change", () => this.mark());
    this.part("bonds").addEventListener("click", (event) => this.bondPressed(event.target as HTMLElement));
    this.part("find").addEventListener("input", () => this.list());
    this.part("of").addEventListener("change", () => this.list());
    this.part("keep").addEventListener("click", () => void this.keeping.ask());
    this.part("improve").addEventListener("click", () => void this.improving.ask());
    this.part("grids").addEventListener("change", (event) => {
      this.choose(Number((event.target as HTMLInputElement).value));
    });
    this.part("name").addEventListener("change", () => this.rename());
    this.part("broken").addEventListener("click", (event) => {
      const line = (event.target as HTMLElement).closest("li");
      const broken = line && this.faults[[...this.part("broken").children].indexOf(line)];
      if (broken) this.goTo(broken);
    });
    document.addEventListener("keydown", (event) => this.pressed(event));
    addEventListener("beforeunload", (event) => {
      if (this.unkept) event.preventDefault();
    });
  }

  private pressed(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    const at = event.target;
    if (key !== "z" && key !== "y") return;
    // What is being typed is taken back by the browser.
    if (at instanceof HTMLInputElement && (at.type === "search" || this.isTyped(at))) return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) this.forth();
    else this.back();
  }

  private isTyped(field: HTMLInputElement): boolean {
    return "name" in field.dataset && field.value.trim() !== this.nameOf(this.chosen);
  }

  // What a stroke had given before a second finger came is taken back; nothing is to be kept for it.
  private drop(): void {
    const atoms = this.model.dropStroke();
    this.restSoon();
    if (!atoms.length) return;
    const was = this.unkept;
    this.after(atoms);
    this.unkept = was || this.model.canUndo;
  }

  private get still(): boolean {
    return !this.busy && !this.model.inStroke;
  }

  private back(): void {
    if (this.still) this.after(this.model.undo());
  }

  private forth(): void {
    if (this.still) this.after(this.model.redo());
  }

  private letGo(atoms?: number[]): void {
    if (!this.busy) this.after(this.model.letGo(atoms));
  }

  private give(atoms: number[]): void {
    if (!this.busy && this.chosen >= 0 && this.model.give(atoms, this.chosen)) this.after(atoms);
  }

  private after(atoms: Iterable<number> | null): void {
    if (!atoms) return;
    this.map?.draw(atoms);
    this.unkept = true;
    this.changes++;
    this.tell(this.said.unkept ?? "");
    // A stroke gives many times between two pictures: counted is once for each.
    this.counting ||= requestAnimationFrame(() => {
      this.counting = 0;
      this.count();
    });
  }

  private count(): void {
    this.figures = this.model.figures();
    this.map?.draw(this.model.changedLooks());
    this.show();
    this.showCover();
    // Ways come after the picture with all that is counted at once, which they would hold up where processors are few.
    requestAnimationFrame(() => this.walk());
    this.restSoon();
  }

  private restSoon(): void {
    clearTimeout(this.resting);
    if (!this.model.inStroke) this.resting = window.setTimeout(() => this.rest(), REST_MS);
  }

  // A touch takes one more, or leaves it out again.
  private chooseAtoms(atoms: number[], beside: boolean): void {
    const [one = -1] = atoms;
    const before = beside ? this.model.chosen : [];
    const chosen = before.includes(one) ? before.filter((atom) => atom !== one) : [...before, ...atoms];
    this.lassoed = new Set(chosen);
    this.part<HTMLInputElement>("find").value = "";
    this.part<HTMLSelectElement>("of").value = "";
    this.showChosen(this.model.mark(chosen));
    this.list();
    this.restSoon();
  }

  private mark(): void {
    const { options, selectedOptions } = this.part<HTMLSelectElement>("list");
    this.showChosen(this.model.chooseInList(atomsIn(options), atomsIn(selectedOptions)));
  }

  private showChosen(changed: number[]): void {
    if (!changed.length) return;
    this.map?.draw(changed);
    const count = this.model.chosen.length;
    write(this.part("chosen"), count ? (this.said.chosen ?? "").replace("{n}", String(count)) : "");
    this.restSoon();
  }

  private bind(kind: Bond["kind"]): void {
    if (!this.still) return;
    const wrong = this.model.bind(kind, this.model.chosen);
    if (wrong) this.tell(this.said[`bond-${wrong}`] ?? "");
    else this.after([]);
  }

  private bondPressed(target: HTMLElement): void {
    const line = target.closest("li");
    const place = line ? [...this.part("bonds").children].indexOf(line) : -1;
    const bond = this.model.bonds[place];
    if (!bond || !target.closest("button") || !this.still) return;
    if (target.closest("[data-unbind]")) {
      this.model.unbind(place);
      this.after([]);
      this.part("together").focus();
    } else {
      this.chooseAtoms(bond.atoms, false);
      this.map?.goTo(bond.atoms);
    }
  }

  private add(): void {
    if (this.busy) return;
    const count = this.model.shown.length + 1;
    const label = this.model.add(`${this.said["new-grid"] ?? ""} ${count}`);
    if (label === null) return;
    this.choose(label);
    this.after([]);
    this.part("grids").querySelector<HTMLInputElement>("input:checked")?.focus();
  }

  private choose(label: number): void {
    if (label < 0) return;
    this.chosen = label;
    this.show();
    const row = this.rows.get(label);
    row?.line.scrollIntoView({ block: "nearest" });
  }

  private rename(): void {
    const field = this.part<HTMLInputElement>("name");
    const name = field.value.trim().replace(/\s+/g, " ");
    if (!this.busy && this.model.rename(this.chosen, name)) this.after([]);
    field.value = this.nameOf(this.chosen);
  }

  private show(): void {
    const shown = this.model.shown;
    if (!shown.includes(this.chosen)) this.chosen = shown[0] ?? 0;
    this.enable();
    for (const cell of this.cells) write(cell, String(this.figures.sums[cell.dataset.figure ?? ""] ?? ""));
    this.showGrids(shown);
    this.showBroken();
    this.showBonds();
    const field = this.part<HTMLInputElement>("name");
    if (document.activeElement !== field) field.value = this.nameOf(this.chosen);
  }

  private enable(): void {
    const { canUndo, canRedo } = this.model;
    this.part<HTMLButtonElement>("undo").disabled = this.busy || !canUndo;
    this.part<HTMLButtonElement>("redo").disabled = this.busy || !canRedo;
    for (const name of ["improve", "keep"]) this.part<HTMLButtonElement>(name).disabled = this.busy;
    this.host.setAttribute("aria-busy", String(this.busy));
  }

  // What does not wait for the hand to rest would be drawn fifty times a second for nothing. One thing after another, so that a hand that
  // begins anew is not held up: what is left then waits for its next rest.
  private rest(): void {
    this.map?.settle();
    this.resting = window.setTimeout(() => {
      this.list();
      this.resting = window.setTimeout(() => {
        this.writeNames();
        this.resting = window.setTimeout(() => this.settleCover(), STEP_MS);
      }, STEP_MS);
    }, STEP_MS);
  }

  private writeNames(): void {
    const broken = new Set(this.figures.broken.map(({ label }) => label));
    const names = this.figures.grids.map(
      ({ label, households, core }): Named => ({
        text: `${this.nameOf(label)}\n${households}`,
        broken: broken.has(label),
        at: core,
      }),
    );
    this.map?.name(names);
    this.host.dataset.planRests = String(this.changes);
  }

  private nameOf(label: number): string {
    return this.model.names.get(label) ?? (label < 0 ? (this.said["no-grid"] ?? "") : `${label + 1}`);
  }

  private hoursOf(hours: number | null | undefined): string {
    return typeof hours === "number" ? (this.said.hours ?? "").replace("{n}", hours.toFixed(1)) : "";
  }

  // Hours a week, and how far the farthest door is: until that is counted anew, as it was.
  private workOf(row: Row, grid: GridSums | undefined): string {
    if (!grid) row.way = "";
    else if (grid.way)
      row.way = (this.said.way ?? "").replace("{n}", String(rounded(grid.way.farthest / 100)));
    return [this.hoursOf(grid?.hours), row.way].filter(Boolean).join(" · ");
  }

  private showWay(label: number): void {
    const row = this.rows.get(label);
    const grid = this.figures.grids.find((each) => each.label === label);
    if (row) write(row.line.querySelector(".plan-grid-hours"), this.workOf(row, grid));
  }

  // Until they are counted anew they stay as they were, and say so.
  private showWays(): void {
    const sums = this.model.waySums;
    const come = this.walks !== false && this.figures.grids.length > 0;
    for (const cell of this.wayCells) {
      const told = sums[cell.dataset.figure ?? ""];
      const waits = String(come && told === undefined);
      if (cell.getAttribute("aria-busy") !== waits) cell.setAttribute("aria-busy", waits);
      // Where none will come, what was true when it was kept is not told of what was changed since.
      if (told !== undefined || !come) write(cell, String(told ?? ""));
    }
    if (this.walks && !this.counting && !this.model.unwalked.length)
      this.host.dataset.planWalked = String(this.changes);
  }

  private ruleOf(rule: string): string {
    return this.said[`rule-${rule}`] ?? rule;
  }

  private showGrids(shown: number[]): void {
    const box = this.part("grids");
    const held = new Map(this.figures.grids.map((grid) => [grid.label, grid]));
    const broken = new Map<number, string[]>();
    for (const { label, rule } of this.figures.broken)
      broken.set(label, [...(broken.get(label) ?? []), this.ruleOf(rule)]);
    for (const [label, row] of this.rows)
      if (!shown.includes(label)) {
        row.line.remove();
        this.rows.delete(label);
      }
    for (const label of shown) {
      const row = this.rows.get(label) ?? this.rowOf(label);
      if (row.input.checked !== (label === this.chosen)) row.input.checked = label === this.chosen;
      const faults = (broken.get(label) ?? []).join("; ");
      const hue = this.model.hueOf(label);
      const households = String(held.get(label)?.households ?? 0);
      const work = this.workOf(row, held.get(label));
      const told = [this.nameOf(label), households, work, faults, hue].join("\n");
      if (row.told === told) continue;
      row.told = told;
      (row.line.querySelector(".plan-swatch") as HTMLElement).className = `plan-swatch hue-${hue}`;
      write(row.line.querySelector(".plan-grid-name"), this.nameOf(label));
      write(row.line.querySelector(".plan-grid-count"), households);
      write(row.line.querySelector(".plan-grid-hours"), work);
      write(row.line.querySelector(".plan-grid-broken"), faults);
    }
    this.showChoices(shown);
    if (box.childElementCount !== this.rows.size)
      box.append(...[...this.rows.values()].map(({ line }) => line));
  }

  private rowOf(label: number): Row {
    const template = this.part<HTMLTemplateElement>("grid-row");
    const line = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
    const input = line.querySelector("input") as HTMLInputElement;
    input.value = String(label);
    const row = { line, input, told: "", way: "" };
    this.rows.set(label, row);
    this.part("grids").append(line);
    return row;
  }

  private showChoices(shown: number[]): void {
    const grids = this.figures.sums.uncovered ? [...shown, -1] : shown;
    const told = grids.map((label) => `${label} ${this.nameOf(label)}`).join("\n");
    if (told === this.toldGrids) return;
    this.toldGrids = told;
    const of = this.part<HTMLSelectElement>("of");
    const before = of.value;
    of.replaceChildren(
      new Option("", ""),
      ...grids.map((label) => new Option(this.nameOf(label), String(label))),
    );
    of.value = before;
  }

  private showBroken(): void {
    const { broken } = this.figures;
    const lines = broken.map(({ rule, label, count }) => {
      const where = label < 0 ? "" : `${this.nameOf(label)} · `;
      return `${where}${this.ruleOf(rule)} (${count})`;
    });
    const told = lines.join("\n");
    write(this.part("broken-count"), String(lines.length));
    this.part("whole").hidden = lines.length > 0;
    if (told === this.toldBroken) return;
    this.toldBroken = told;
    this.faults = broken;
    const list = this.part("broken");
    const row = this.part<HTMLTemplateElement>("broken-row").content.firstElementChild;
    // Lines that are there are written over: while a hand paints, most stay as they are.
    broken.forEach(({ rule }, at) => {
      const line = (list.children[at] ?? list.appendChild(row?.cloneNode(true) as Element)) as HTMLElement;
      if (line.dataset.rule !== rule) line.dataset.rule = rule;
      write(line.querySelector("button"), lines[at] ?? "");
    });
    while (list.children.length > broken.length) list.lastElementChild?.remove();
  }

  // What must be together or apart; what is broken stands out.
  private showBonds(): void {
    const { bonds, brokenBonds } = this.model;
    if (this.map && this.drawnBonds !== bonds) {
      this.map.bind(bonds);
      this.drawnBonds = bonds;
    }
    const lines = bonds.map(({ kind, atoms }) => {
      const named = atoms.slice(0, MOST_NAMED).map((atom) => this.model.told.names[atom] ?? "");
      const more = atoms.length - named.length;
      const rest = more > 0 ? ` ${(this.said.more ?? "").replace("{n}", String(more))}` : "";
      return `${this.said[`bond-${kind}`] ?? ""} · ${named.join("、")}${rest}`;
    });
    const told = lines.map((line, at) => `${brokenBonds[at]} ${line}`).join("\n");
    write(this.part("bonds-count"), String(bonds.length));
    this.part("no-bonds").hidden = bonds.length > 0;
    if (told === this.toldBonds) return;
    this.toldBonds = told;
    const row = this.part<HTMLTemplateElement>("bond-row").content.firstElementChild;
    const list = this.part("bonds");
    bonds.forEach(({ kind }, at) => {
      const line = (list.children[at] ?? list.appendChild(row?.cloneNode(true) as Element)) as HTMLElement;
      line.dataset.bond = kind;
      line.classList.toggle("late-soon", brokenBonds[at]);
      write(line.querySelector("[data-show]"), lines[at] ?? "");
      write(line.querySelector("[data-unbind] [data-which]"), lines[at] ?? "");
    });
    while (list.children.length > bonds.length) list.lastElementChild?.remove();
  }

  // Shows where a rule is broken: on the map, and its atoms at the top of the list.
  private goTo(broken: Broken): void {
    this.map?.goTo(this.model.atomsAt(broken));
    this.choose(broken.label);
    this.part<HTMLInputElement>("find").value = "";
    this.part<HTMLSelectElement>("of").value = String(broken.label);
    this.list();
  }

  private list(): void {
    const words = this.part<HTMLInputElement>("find").value.trim();
    const of = this.part<HTMLSelectElement>("of").value;
    const { names } = this.model.told;
    const found = [...this.model.labels.keys()].filter(
      (atom) =>
        (!words || (names[atom] ?? "").includes(words)) && (!of || this.model.labels[atom] === Number(of)),
    );
    // What a lasso chose comes first, then what breaks a rule.
    const rank = (atom: number) => (this.lassoed.has(atom) ? 0 : this.model.isWrong(atom) ? 1 : 2);
    found.sort((one, other) => rank(one) - rank(other) || one - other);
    write(this.part("found"), String(found.length));
    // What is not found is not chosen; of what is found also that is for which there is no line.
    this.showChosen(this.model.chooseAmong(found));
    const cut = this.part("cut");
    cut.hidden = found.length <= MOST_LISTED;
    write(cut, cut.hidden ? "" : (this.said.cut ?? "").replace("{n}", String(MOST_LISTED)));
    const list = this.part<HTMLSelectElement>("list");
    const { marked } = this.model;
    const scrolled = list.scrollTop;
    const shown = found.slice(0, MOST_LISTED);
    const options = [...list.options];
    // As many lines as before are written over; a list made anew would lose its place.
    shown.forEach((atom, at) => {
      const option = options[at] ?? list.appendChild(new Option());
      const value = String(atom);
      write(option, this.lineOf(atom));
      if (option.value !== value) option.value = value;
      const chosen = marked[atom] === 1;
      if (option.selected !== chosen) option.selected = chosen;
    });
    for (const option of options.slice(shown.length)) option.remove();
    list.scrollTop = scrolled;
  }

  private lineOf(atom: number): string {
    const { told, labels, fixed, faults } = this.model;
    const fault = FAULTS[(faults[atom] ?? 0) - 1];
    const parts = [
      told.names[atom] ?? "",
      String(told.households[atom] ?? 0),
      this.nameOf(labels[atom] ?? -1),
    ];
    if (fixed[atom]) parts.push(this.said.fixed ?? "");
    if (fault && fault !== "uncovered") parts.push(this.ruleOf(fault));
    return parts.join(" · ");
  }

  private tellUnder(atom: number | null): void {
    write(this.part("under"), atom === null ? "" : this.lineOf(atom));
  }

  private tell(words: string): void {
    write(this.part("told"), words);
  }

  private post(address: string, content: object): Promise<Response> {
    const token = this.host.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
    return fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(content),
    });
  }

  private async send(address: string, content: object): Promise<Kept | null> {
    try {
      const answer = await this.post(address, content);
      const told = await answer.json();
      if (answer.ok) return told;
      this.tell(told.detail ?? this.said.changed ?? "");
    } catch {
      this.tell(this.said.changed ?? "");
    }
    return null;
  }

  private async keep(): Promise<boolean> {
    if (this.busy) return false;
    const changes = this.changes;
    const kept = await this.send(this.host.dataset.keepAt ?? "", {
      revision: this.revision,
      labels: [...this.model.labels],
      fixed: [...this.model.fixed.keys()].filter((atom) => this.model.fixed[atom] === 1),
      names: this.model.newNames,
      bonds: this.model.bonds,
    });
    if (!kept) return false;
    this.revision = kept.revision;
    this.model.learn(kept.grids);
    // What was done while it was on its way is not kept yet.
    this.unkept = this.changes !== changes;
    this.tell((this.unkept ? this.said.unkept : this.said.kept) ?? "");
    this.count();
    return true;
  }

  private async improve(): Promise<void> {
    while (this.unkept || this.keeping.runs) if (!(await this.keeping.ask())) return;
    this.busy = true;
    this.enable();
    this.tell(this.said.improving ?? "");
    try {
      const better = await this.send(this.host.dataset.improveAt ?? "", { revision: this.revision });
      if (better) await this.takeOver(better.revision);
    } finally {
      this.busy = false;
      this.count();
    }
    this.host.dataset.planImproved = String(this.revision);
  }

  // What the server divided anew is one change like any other: it can be undone, and the map stays where it is.
  // Where it does not arrive, what is here can still be kept, or improved once more.
  private async takeOver(revision: number): Promise<void> {
    this.revision = revision;
    const told = await atomsOf(this.host).catch((error) => console.info(String(error)));
    if (!told) {
      this.tell(this.said.missed ?? "");
      return;
    }
    this.revision = told.revision;
    const moved = this.model.take(told.labels);
    this.model.learn(told.grids);
    this.map?.draw(moved);
    this.tell((this.said.improved ?? "").replace("{n}", String(moved.length)));
  }
}

function atomsIn(options: HTMLCollectionOf<HTMLOptionElement>): number[] {
  return [...options].map((option) => Number(option.value));
}

function write(element: Element | null, words: string): void {
  if (element && element.textContent !== words) element.textContent = words;
}
