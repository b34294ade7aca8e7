// What others do. One stream while the page is looked at; where there is none to be had, the same is asked for now and
// then. Pages listen on the document: `wangge:counts`, `wangge:case`, `wangge:live`. The same case may be told twice:
// its revision says whether it is news.
export interface CaseNews {
  id: string;
  number: string;
  verb: string;
  state: string;
  revision: number;
  by: string;
  /** The account that did it; none for what came by itself. */
  by_id: number | null;
}

export interface LiveState {
  /** Whether news come by themselves. */
  open: boolean;
  /** Something was missed: what is shown may be old. */
  missed: boolean;
}

const HIDDEN_FOR = 60_000;
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 60_000;
const ASK_EVERY = 15_000;
/** How often someone who only asks tries for a stream again. */
const ASKS_BEFORE_STREAM = 8;

function tell(name: string, detail: unknown): void {
  document.dispatchEvent(new CustomEvent(`wangge:${name}`, { detail }));
}

/** Not all desks in the same moment. */
function jittered(pause: number): number {
  return pause * (0.5 + Math.random());
}

class Live {
  private stream: EventSource | undefined;
  private since = "";
  private pause = FIRST_PAUSE;
  private asks = 0;
  private waiting: number | undefined;
  private hiding: number | undefined;
  private told: boolean | undefined;
  private over = false;

  constructor(private readonly address: string) {
    document.addEventListener("visibilitychange", () => this.looked());
    // A page that the browser keeps for the back button must not hold its connection; one that comes back may be old.
    window.addEventListener("pagehide", () => this.close());
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.looked();
    });
    this.looked();
  }

  private looked(): void {
    window.clearTimeout(this.hiding);
    if (document.visibilityState === "hidden") {
      this.hiding = window.setTimeout(() => this.close(), HIDDEN_FOR);
    } else if (!this.stream && this.waiting === undefined && !this.over) {
      this.open();
    }
  }

  private open(): void {
    this.waiting = undefined;
    const address = new URL(this.address, window.location.href);
    if (this.since) address.searchParams.set("since", this.since);
    const stream = new EventSource(address);
    this.stream = stream;
    const on = (name: string, act: (facts: unknown) => void): void => {
      stream.addEventListener(name, (event: MessageEvent<string>) => {
        // The browser's own `open` has the name of ours, and no data.
        if (event.data === undefined) return;
        this.since = event.lastEventId || this.since;
        act(JSON.parse(event.data));
      });
    };
    on("open", () => undefined);
    on("case", (facts) => tell("case", facts));
    on("counts", (facts) => tell("counts", facts));
    on("missed", () => this.state(true, true));
    // This person has opened more pages than there are streams for one: the newest have them.
    on("replaced", () => this.askInstead(stream));
    stream.onopen = () => {
      this.pause = FIRST_PAUSE;
      this.state(true);
    };
    stream.onerror = () => {
      this.state(false);
      // A connection that broke is opened again by the browser; an answer that was no stream is for good.
      if (stream.readyState === EventSource.CLOSED) this.askInstead(stream);
    };
  }

  private askInstead(stream: EventSource): void {
    if (this.stream !== stream) return;
    stream.close();
    this.stream = undefined;
    this.asks = 0;
    void this.ask();
  }

  private close(): void {
    window.clearTimeout(this.waiting);
    this.waiting = undefined;
    this.stream?.close();
    this.stream = undefined;
    this.state(false);
  }

  /** No stream: asks, and goes on asking, more rarely while there is no answer. Nobody signed in any more ends it. */
  private async ask(): Promise<void> {
    this.waiting = undefined;
    const address = new URL(this.address, window.location.href);
    address.searchParams.set("ask", "");
    if (this.since) address.searchParams.set("since", this.since);
    let pause = ASK_EVERY;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (answer.status === 401) {
        this.over = true;
        this.state(false);
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const said = await answer.json();
      this.since = String(said.since);
      this.pause = FIRST_PAUSE;
      tell("counts", { queues: said.queues });
      for (const news of said.cases) tell("case", news);
      this.state(true, said.missed);
    } catch {
      this.state(false);
      pause = this.pause;
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    }
    if (document.visibilityState === "hidden") return;
    this.asks += 1;
    const again = this.asks % ASKS_BEFORE_STREAM === 0 ? () => this.open() : () => void this.ask();
    this.waiting = window.setTimeout(again, jittered(pause));
  }

  private state(open: boolean, missed = false): void {
    if (open === this.told && !missed) return;
    this.told = open;
    const state: LiveState = { open, missed };
    tell("live", state);
  }
}

export function startLive(): void {
  const address = document.body.dataset.live;
  if (address) new Live(address);
}
