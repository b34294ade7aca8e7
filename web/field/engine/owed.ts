// What one visit at a door still holds: the call itself, the plants and the forms of campaigns.
import { answerId, type Campaign, type Given } from "./campaigns.ts";
import { type Home, type Reason, reasonsOn } from "./homes.ts";

/** A plant that was looked at, or a plot of which somebody said that all was looked at, with the day. */
export interface Look extends Given {
  on: string;
}

export interface Done {
  /** Whether somebody called there today. */
  visited: boolean;
  given: readonly Given[];
  looks: readonly Look[];
}

export type Step = { to: "visit" } | { to: "plants" | "answer"; campaign: Campaign };

/**
 * In the order in which it is done: the call, unless somebody called today; of each check of plants the plants that nobody looked at
 * and then its form; the other forms. A form that was given ends its campaign here, its plants too. Also while the door is left alone
 * for a while: whoever stands there asks.
 */
export function stepsAt(home: Home, campaigns: readonly Campaign[], day: string, done: Done): Step[] {
  const fell = new Map<string, string>();
  for (const reason of home.due?.reasons ?? []) {
    const from = reason.fell ?? reason.since;
    if (reason.why === "campaign" && reason.ref && from <= day) fell.set(reason.ref, from);
  }
  const isHere = (each: Given, { id }: Campaign): boolean =>
    each.campaign === id && each.household === home.id;
  // What comes more than once is looked at anew each time.
  const isLooked = (asked: Campaign): boolean =>
    done.looks.some(
      (look) => isHere(look, asked) && (asked.times < 2 || look.on >= (fell.get(asked.id) ?? "")),
    );
  const open = campaigns.filter((each) => fell.has(each.id) && !done.given.some((one) => isHere(one, each)));
  const steps: Step[] = isCallDue(home, campaigns, day) && !done.visited ? [{ to: "visit" }] : [];
  for (const campaign of [...open.filter(({ way }) => way), ...open.filter(({ way }) => !way)]) {
    if (campaign.way === "plants" && !isLooked(campaign)) steps.push({ to: "plants", campaign });
    if (campaign.form) steps.push({ to: "answer", campaign });
  }
  return steps;
}

/** What a form alone answers needs no call of its own. */
function isCallDue(home: Home, campaigns: readonly Campaign[], day: string): boolean {
  const isAnswered = ({ why, ref }: Reason): boolean =>
    why === "campaign" && campaigns.some(({ id, form }) => id === ref && form);
  return reasonsOn(home, day).some((reason) => !isAnswered(reason));
}

/** The screen of a step and its id. */
export function screenOf(step: Step, household: string): [screen: string, id: string] {
  if (step.to === "visit") return ["visit", household];
  const { id } = step.campaign;
  return step.to === "plants"
    ? ["plants", `${household}?campaign=${id}`]
    : ["answer", answerId(id, household)];
}
