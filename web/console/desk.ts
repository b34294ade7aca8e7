// What every page of the console loads; without it every page still works. Each part finds the elements that it serves,
// on the page and in what is put into it later, and does nothing where there are none. Human words come from the page.
import "htmx.org";
import { startCase } from "./case";
import { startFiling } from "./filing";
import { startForms } from "./forms";
import { startKeys } from "./keys";
import { startLive } from "./live";
import { startMaps } from "./maps";
import { startPalette } from "./palette";
import { startPlans } from "./plans";
import { startQueue } from "./queue";
import { startTelling } from "./told";
import { startTree } from "./tree";

for (const start of [
  startTelling,
  startForms,
  startKeys,
  startPalette,
  startLive,
  startQueue,
  startCase,
  startFiling,
  startMaps,
  startPlans,
  startTree,
]) {
  // What breaks in one part must not take the others away.
  try {
    start();
  } catch (error) {
    reportError(error);
  }
}
