// Streets and shops that no grid covers: they hang on the grids' outlines, which the server alone draws. It is asked once the hand rests, one
// question after another, so that of many changes the newest counts; what was counted before is known at once when it comes back.

export const COVER_FIGURES = ["streets_uncovered_m", "shops_uncovered"];

export type Cover = Record<string, number>;

/** Asks the server about these labels; answers its status, and the figures if it told any. */
export type Ask = (labels: number[]) => Promise<{ status: number; cover?: Cover }>;

// So many divisions are remembered, for undo and redo.
const MOST_KNOWN = 40;
// The server answers one question of an account at a time: so it says that it is asked from another page, too.
const BUSY = 429;

export class Covering {
  private readonly known = new Map<string, Cover>();
  // Of which division the server would not tell.
  private missed = "";
  private asking = false;

  constructor(
    private readonly ask: Ask,
    /** Says that there is something to be shown anew. */
    private readonly heard: () => void,
    private readonly againMs = 1000,
  ) {}

  /** What is known already of a division. */
  learn(labels: Int32Array, cover: Cover): void {
    this.keep(labels.join(), cover);
  }

  /** Its figures; null as long as they are being counted, nothing where none will come. */
  of(labels: Int32Array): Cover | null {
    const key = labels.join();
    return this.known.get(key) ?? (key === this.missed ? {} : null);
  }

  /** The hand rests: what is not known is asked for, unless something else is on its way. */
  settle(labels: Int32Array): void {
    if (!this.asking && !this.of(labels)) void this.find(labels.join(), [...labels]);
  }

  private async find(key: string, labels: number[]): Promise<void> {
    this.asking = true;
    try {
      const { status, cover } = await this.ask(labels);
      if (cover) this.keep(key, cover);
      else if (status === BUSY) await new Promise((done) => setTimeout(done, this.againMs));
      else this.missed = key;
    } catch (error) {
      // The editor is whole without.
      console.info(String(error));
      this.missed = key;
    }
    this.asking = false;
    this.heard();
  }

  private keep(key: string, cover: Cover): void {
    this.known.delete(key);
    this.known.set(key, cover);
    const [oldest = ""] = this.known.keys();
    if (this.known.size > MOST_KNOWN) this.known.delete(oldest);
  }
}
