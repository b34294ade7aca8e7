// Places of the grid that are looked at every so often, those that are due first.
import { computed } from "vue";
import { queue, recordsOf, today } from "../../phone.ts";

/** What is due by today and was not looked at since. */
export const places = computed(() => {
  const day = today();
  const done = new Set(
    queue.value.filter((each) => each.kind === "place.check").map((each) => String(each.command.data.place)),
  );
  return recordsOf("place")
    .filter((place) => !place.fields.closed && String(place.fields.due_on) <= day && !done.has(place.id))
    .sort((one, other) => String(one.fields.due_on).localeCompare(String(other.fields.due_on)));
});
