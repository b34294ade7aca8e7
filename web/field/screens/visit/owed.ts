// A door in the lists of today: why to call, or what is still owed where somebody was met already.

import type { Home } from "../../engine/homes.ts";
import { type Step, screenOf } from "../../engine/owed.ts";
import { words } from "../../looks.ts";
import { reasonsTold, type Told } from "../doors.ts";
import { owedToday } from "../homes.ts";

export function stepTold(step: Step): string {
  const { visit, home } = words.value;
  if (step.to === "visit") return home.visit;
  return step.to === "plants" ? visit.owedPlants(step.campaign.name) : visit.owedForm(step.campaign.name);
}

export function lineOf(home: Home): { address: string; told: Told[] } {
  const owed = owedToday.value.get(home.id);
  const [first] = owed ?? [];
  if (!owed || !first) return { address: `#/visit/${home.id}`, told: reasonsTold(home) };
  return {
    address: `#/${screenOf(first, home.id).join("/")}`,
    told: owed.map((step) => ({ text: stepTold(step), look: "soon" })),
  };
}
