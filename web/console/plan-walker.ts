// Counts the ways of grids beside the page, so that no hand waits for it. It fetches the net of streets itself.
import { type ToldNet, type Way, Ways } from "./plan-ways";

/** First where everything lies, and where the net of streets is to be had, if any is known. */
export interface Opened {
  netAt: string;
  x: Float64Array;
  y: Float64Array;
  households: Float64Array;
}

/** Then grids, each as its atoms; the answer has their ways in the same order. */
export type Asked = Int32Array[];

/** It is `ready` once, or not, where the net cannot be had. */
export type Answered = { ready: boolean } | { ways: Way[] };

const here = self as unknown as {
  onmessage: ((event: MessageEvent<Opened | Asked>) => void) | null;
  postMessage(answer: Answered): void;
};
let ways: Ways | null = null;

here.onmessage = ({ data }) => {
  if (Array.isArray(data)) here.postMessage({ ways: data.map((atoms) => ways?.of(atoms) as Way) });
  else void open(data);
};

async function open({ netAt, x, y, households }: Opened): Promise<void> {
  try {
    ways = new Ways(netAt ? await netOf(netAt) : {}, x, y, households);
    here.postMessage({ ready: true });
  } catch (error) {
    // The editor is whole without ways.
    console.info(String(error));
    here.postMessage({ ready: false });
  }
}

async function netOf(address: string): Promise<ToldNet> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  const told: ToldNet = await answer.json();
  if (!told.many) throw new Error("No street is near.");
  return told;
}
