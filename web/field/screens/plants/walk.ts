// Which plants were looked at where, and at which door a campaign goes on.
import type { Home } from "../../engine/homes.ts";
import { walkingOrder } from "../../engine/round.ts";
import { recordsOf } from "../../phone.ts";
import { stepsLeft } from "../campaign/campaigns.ts";
import { homes } from "../homes.ts";
import { roundStart } from "../round/start.ts";

export interface Looked {
  id: string;
  number: number;
  decision: string;
  waits: boolean;
}

/** The plants of this place, in their order, as far as this phone is told of them. */
export function lookedAt(campaign: string, household: string, spot: string): Looked[] {
  return recordsOf("plant")
    .filter(
      ({ fields }) =>
        fields.campaign === campaign &&
        (household ? fields.household === household : !fields.household && fields.spot === spot.trim()),
    )
    .map(({ id, fields, waits }) => ({
      id,
      number: Number(fields.number),
      decision: String(fields.decision),
      waits,
    }))
    .sort((one, other) => one.number - other.number);
}

/** The next door that the campaign asks for and whose plants nobody looked at yet. */
export function nextHome(campaign: string, after: string): Home | null {
  const asks = (home: Home): boolean =>
    stepsLeft(home, true).some((step) => step.to === "plants" && step.campaign.id === campaign);
  const way = walkingOrder(
    homes.value.filter((home) => home.id === after || asks(home)),
    roundStart.value,
  );
  const place = way.findIndex((home) => home.id === after);
  return way[place + 1] ?? way.find((home) => home.id !== after) ?? null;
}
