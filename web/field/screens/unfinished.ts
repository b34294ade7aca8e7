// Forms that are half filled on this phone, by what they are about.
import { computed } from "vue";
import { readAnswerId } from "../engine/campaigns.ts";
import { words } from "../looks.ts";
import { draftNames } from "../phone.ts";
import { homeById } from "./homes.ts";
import { DRAFT } from "./patrol/patrol.ts";

function titles(): Record<string, string> {
  const said = words.value;
  return {
    visit: said.today.draftVisit,
    place: said.places.title,
    task: said.tabs.tasks,
    answer: said.campaign.title,
    plants: said.plants.title,
    report: said.today.draftReport,
    "new-home": said.newHome.title,
    arrival: said.arrival.title,
    move: said.move.title,
    care: said.home.needs,
  };
}

export const unfinished = computed(() =>
  draftNames.value
    .filter((name) => name !== DRAFT)
    .map((name) => {
      const [kind = "", id = ""] = name.split("/");
      const home = homeById.value.get(kind === "answer" ? readAnswerId(id).household : id);
      return {
        name,
        address: id ? `#/${kind}/${id}` : `#/${kind}`,
        text: titles()[kind] ?? words.value.home.change,
        more: home ? `${home.door} ${home.people[0]?.name ?? ""}` : "",
      };
    }),
);
