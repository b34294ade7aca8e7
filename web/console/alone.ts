/** A task that is done once at a time: who asks for it while it is being done gets the answer of that one. */
export class Alone<Answer> {
  private running: Promise<Answer> | null = null;

  constructor(private readonly task: () => Promise<Answer>) {}

  get runs(): boolean {
    return this.running !== null;
  }

  ask(): Promise<Answer> {
    this.running ??= this.task().finally(() => {
      this.running = null;
    });
    return this.running;
  }
}
