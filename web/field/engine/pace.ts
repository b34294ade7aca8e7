// Whether a campaign is on its way to be finished on its last day, as the desk reckons it (`campaigns/rules/pace.py`).
import { type Campaign, type Given, waitingOf } from "./campaigns.ts";
import { daysBetween } from "./clock.ts";

/** `ahead`: days' work before (or, negative, behind) an even pace; `needed`: answers a day from tomorrow on, null when no day is left. */
export interface Pace {
  ahead: number;
  needed: number | null;
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Of the worker's own places, with the answers that wait here; null where nobody is asked, or what counted is not known. */
export function paceOf(campaign: Campaign, given: readonly Given[], day: string): Pace | null {
  const { households, gone, answered } = campaign.progress;
  const asked = (households - gone) * campaign.times;
  if (answered === undefined || asked <= 0) return null;
  const days = daysBetween(campaign.fromOn, campaign.toOn) + 1;
  const past = Math.max(0, Math.min(daysBetween(campaign.fromOn, day) + 1, days));
  const told = Math.min(answered + waitingOf(campaign, given), asked);
  const left = asked - told;
  const needed = days > past ? oneDecimal(left / (days - past)) : left ? null : 0;
  return { ahead: oneDecimal((told * days) / asked - past), needed };
}
