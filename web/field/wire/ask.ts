// One question to the server: a limit of time, and every failure told apart. The phone's own word on whether there is a network
// is never asked: on a hillside it says yes.
export class NoAnswer extends Error {}

/** The server answered, and not with what was asked for. `code` is the problem's stable name. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly facts: Record<string, unknown>;
  constructor(status: number, code: string, detail: string, facts: Record<string, unknown>) {
    super(detail);
    this.status = status;
    this.code = code;
    this.facts = facts;
  }
}

/** The server heard it and will say the same again; everything else is worth another try. */
export function isDecided(fault: unknown): boolean {
  return fault instanceof Refused && fault.status < 500 && fault.status !== 429;
}

export interface Asking {
  method?: string;
  token?: string;
  json?: unknown;
  body?: BodyInit;
  headers?: Record<string, string>;
  seconds?: number;
}

const LIMIT_S = 20;

/** Milliseconds by which the server is ahead of this phone, as the last answer said. */
let ahead: number | null = null;
export function lastAhead(): number | null {
  return ahead;
}

export async function send(path: string, asking: Asking = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...asking.headers };
  if (asking.token) headers.Authorization = `Bearer ${asking.token}`;
  if (asking.json !== undefined) headers["Content-Type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: asking.method ?? "GET",
      headers,
      body: asking.json !== undefined ? JSON.stringify(asking.json) : asking.body,
      // The desk may be signed in beside it as somebody else.
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout((asking.seconds ?? LIMIT_S) * 1000),
    });
  } catch (fault) {
    throw new NoAnswer(String(fault));
  }
  const dated = Date.parse(answer.headers.get("Date") ?? "");
  if (!Number.isNaN(dated)) ahead = dated - Date.now();
  if (answer.ok) return answer;
  throw await refusal(answer);
}

async function refusal(answer: Response): Promise<Error> {
  let told: Record<string, unknown> = {};
  try {
    told = (await answer.json()) as Record<string, unknown>;
  } catch {
    // A proxy's page, or an answer that broke off.
  }
  const code = typeof told.code === "string" ? told.code : "";
  // What does not come from the program itself says nothing about the question.
  if (!code && (answer.status >= 500 || answer.status === 404)) return new NoAnswer(`${answer.status}`);
  return new Refused(answer.status, code, typeof told.detail === "string" ? told.detail : "", told);
}

export async function ask<T>(path: string, asking: Asking = {}): Promise<T> {
  const answer = await send(path, asking);
  try {
    return (await answer.json()) as T;
  } catch (fault) {
    throw new NoAnswer(String(fault));
  }
}
