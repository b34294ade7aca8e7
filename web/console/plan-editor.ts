// The editor of a plan: the map, the list for the keyboard, figures that change at once, undo, keeping and improving.
import { hueOf, PlanMap, type Tool } from "./plan-map";
import { type Figures, PlanModel, type Told } from "./plan-model";

// More lines than these nobody reads in a list; a word in the search makes them fewer.
const MOST_LISTED = 500;

export async function openEditor(host: HTMLElement): Promise<void> {
  const told: Told = await (await fetch(host.dataset.atomsAt ?? "")).json();
  new Editor(host, new PlanModel(told));
}

class Editor {
  private readonly said: Record<string, string>;
  private map: PlanMap | null = null;
  private chosen: number;
  private figures: Figures;
  private revision: number;
  private unkept = false;
  private counting = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly model: PlanModel,
  ) {
    this.said = JSON.parse(host.dataset.said ?? "{}");
    this.revision = model.told.revision;
    this.figures = model.figures();
    this.chosen = this.figures.grids[0]?.label ?? 0;
    this.joinMap();
    this.listen();
    this.show();
    host.dataset.planOpen = "";
  }

  private part<Kind extends HTMLElement>(name: string): Kind {
    const found = this.host.querySelector<Kind>(`[data-${name}]`);
    if (!found) throw new Error(name);
    return found;
  }

  private joinMap(): void {
    const host = this.host.querySelector<HTMLElement>("[data-map]");
    if (!host) return;
    const join = () => {
      this.map = new PlanMap(host, this.model, (atoms) => this.give(atoms));
      this.map.use(this.tool);
      this.host.dataset.planMap = "";
    };
    if (host.dataset.mapOpen === "whole") join();
    else host.addEventListener("wangge:map-open", join, { once: true });
  }

  private get tool(): Tool {
    return (this.host.querySelector<HTMLInputElement>("[name=tool]:checked")?.value ?? "pan") as Tool;
  }

  private listen(): void {
    for (const input of this.host.querySelectorAll("[name=tool]"))
      input.addEventListener("change", () => this.map?.use(this.tool));
    this.part("undo").addEventListener("click", () => this.after(this.model.undo()));
    this.part("redo").addEventListener("click", () => this.after(this.model.redo()));
    this.part("let-go").addEventListener("click", () => {
      if (this.model.letGo()) this.after(this.model.labels.keys());
    });
    this.part("give").addEventListener("click", () => {
      const list = this.part<HTMLSelectElement>("list");
      this.give([...list.selectedOptions].map((option) => Number(option.value)));
    });
    this.part("add").addEventListener("click", () => this.add());
    this.part("find").addEventListener("input", () => this.list());
    this.part("of").addEventListener("change", () => this.list());
    this.part("keep").addEventListener("click", () => void this.keep());
    this.part("improve").addEventListener("click", () => void this.improve());
    this.part("grids").addEventListener("change", (event) => {
      this.chosen = Number((event.target as HTMLInputElement).value);
    });
    document.addEventListener("keydown", (event) => this.pressed(event));
    addEventListener("beforeunload", (event) => {
      if (this.unkept) event.preventDefault();
    });
  }

  private pressed(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || (event.target as HTMLElement).matches("input[type=search]"))
      return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    this.after(key === "y" || event.shiftKey ? this.model.redo() : this.model.undo());
  }

  private give(atoms: number[]): void {
    if (this.model.give(atoms, this.chosen)) this.after(atoms);
  }

  private after(atoms: Iterable<number> | null): void {
    if (!atoms) return;
    this.unkept = true;
    this.map?.draw(atoms);
    this.tell(this.said.unkept ?? "");
    // A stroke gives many times between two pictures: counted is once for each.
    this.counting ||= requestAnimationFrame(() => {
      this.counting = 0;
      this.figures = this.model.figures();
      this.show();
    });
  }

  private add(): void {
    const count = this.model.names.size + 1;
    const label = this.model.add(`${this.said["new-grid"] ?? ""} ${count}`);
    if (label === null) return;
    this.chosen = label;
    this.show();
    this.part("grids").querySelector<HTMLInputElement>("input:checked")?.focus();
  }

  private show(): void {
    this.part<HTMLButtonElement>("undo").disabled = !this.model.canUndo;
    this.part<HTMLButtonElement>("redo").disabled = !this.model.canRedo;
    for (const cell of this.host.querySelectorAll<HTMLElement>("[data-figure]"))
      cell.textContent = String(this.figures.sums[cell.dataset.figure ?? ""] ?? "");
    this.showGrids();
    this.showBroken();
    this.list();
  }

  private nameOf(label: number): string {
    return this.model.names.get(label) ?? (label < 0 ? (this.said["no-grid"] ?? "") : `${label + 1}`);
  }

  private showGrids(): void {
    const held = new Map(this.figures.grids.map((grid) => [grid.label, grid]));
    const labels = [...new Set([...held.keys(), ...this.model.names.keys()])].sort((a, b) => a - b);
    const box = this.part("grids");
    const scrolled = box.scrollTop;
    const focused = box.contains(document.activeElement);
    const row = this.part<HTMLTemplateElement>("grid-row");
    box.replaceChildren(
      ...labels.map((label) => {
        const line = row.content.firstElementChild?.cloneNode(true) as HTMLElement;
        const input = line.querySelector("input") as HTMLInputElement;
        input.value = String(label);
        input.checked = label === this.chosen;
        (line.querySelector(".plan-swatch") as HTMLElement).style.backgroundColor = hueOf(label);
        (line.querySelector(".plan-grid-name") as HTMLElement).textContent = this.nameOf(label);
        (line.querySelector(".plan-grid-count") as HTMLElement).textContent = String(
          held.get(label)?.households ?? 0,
        );
        const broken = this.figures.broken.filter((each) => each.label === label);
        (line.querySelector(".plan-grid-broken") as HTMLElement).textContent = broken
          .map(({ rule }) => this.said[`rule-${rule}`] ?? rule)
          .join("; ");
        return line;
      }),
    );
    box.scrollTop = scrolled;
    if (focused) box.querySelector<HTMLInputElement>("input:checked")?.focus({ preventScroll: true });
    const of = this.part<HTMLSelectElement>("of");
    const before = of.value;
    of.replaceChildren(
      new Option("", ""),
      ...labels.map((label) => new Option(this.nameOf(label), String(label))),
    );
    if (this.figures.sums.uncovered) of.append(new Option(this.said["no-grid"] ?? "", "-1"));
    of.value = before;
  }

  private showBroken(): void {
    const row = this.part<HTMLTemplateElement>("broken-row");
    this.part("broken-count").textContent = String(this.figures.broken.length);
    this.part("broken").replaceChildren(
      ...this.figures.broken.map(({ rule, label, count }) => {
        const line = row.content.firstElementChild?.cloneNode(true) as HTMLElement;
        const button = line.querySelector("button") as HTMLButtonElement;
        const where = label < 0 ? "" : `${this.nameOf(label)} · `;
        button.textContent = `${where}${this.said[`rule-${rule}`] ?? rule} (${count})`;
        button.addEventListener("click", () => this.map?.goTo(this.atomsOf(label)));
        return line;
      }),
    );
  }

  private atomsOf(label: number): number[] {
    return [...this.model.labels.keys()].filter((atom) => this.model.labels[atom] === label);
  }

  private list(): void {
    const words = this.part<HTMLInputElement>("find").value.trim();
    const of = this.part<HTMLSelectElement>("of").value;
    const { names, households } = this.model.told;
    const found = [...this.model.labels.keys()].filter(
      (atom) =>
        (!words || (names[atom] ?? "").includes(words)) && (!of || this.model.labels[atom] === Number(of)),
    );
    this.part("found").textContent = String(found.length);
    const list = this.part<HTMLSelectElement>("list");
    const chosen = new Set([...list.selectedOptions].map((option) => option.value));
    list.replaceChildren(
      ...found.slice(0, MOST_LISTED).map((atom) => {
        const grid = this.nameOf(this.model.labels[atom] ?? -1);
        const text = `${names[atom] ?? ""} · ${households[atom] ?? 0} · ${grid}`;
        return new Option(text, String(atom), false, chosen.has(String(atom)));
      }),
    );
  }

  private tell(words: string): void {
    this.part("told").textContent = words;
  }

  private async send(address: string, content: object): Promise<{ revision: number } | null> {
    const token = this.host.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
    try {
      const answer = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify(content),
      });
      const told = await answer.json();
      if (answer.ok) return told;
      this.tell(told.detail ?? this.said.changed ?? "");
    } catch {
      this.tell(this.said.changed ?? "");
    }
    return null;
  }

  private async keep(): Promise<boolean> {
    const kept = await this.send(this.host.dataset.keepAt ?? "", {
      revision: this.revision,
      labels: [...this.model.labels],
      fixed: [...this.model.fixed.keys()].filter((atom) => this.model.fixed[atom] === 1),
    });
    if (!kept) return false;
    this.revision = kept.revision;
    this.unkept = false;
    this.tell(this.said.kept ?? "");
    return true;
  }

  private async improve(): Promise<void> {
    if (!(await this.keep())) return;
    this.tell(this.said.improving ?? "");
    const better = await this.send(this.host.dataset.improveAt ?? "", { revision: this.revision });
    if (better) location.reload();
  }
}
