// Which screen. In the address stand names of screens and ids only, nothing about people.
import { ref } from "vue";

export interface Route {
  screen: string;
  id: string;
  /** Which of several the screen is about, as ids again: `#/plants/<household>?campaign=<id>`. */
  query: URLSearchParams;
}

function read(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [screen = "", id = ""] = path.split("/");
  return { screen: screen || "today", id, query: new URLSearchParams(query) };
}

export const route = ref<Route>(read());

window.addEventListener("hashchange", () => {
  route.value = read();
  window.scrollTo(0, 0);
});

export function go(screen: string, id = ""): void {
  location.hash = id ? `#/${screen}/${id}` : `#/${screen}`;
}

/** In the place of this screen, which is done: the back button does not lead to it. */
export function goInstead(screen: string, id = ""): void {
  history.replaceState(null, "", id ? `#/${screen}/${id}` : `#/${screen}`);
  route.value = read();
  window.scrollTo(0, 0);
}

/** Leaves a form that was saved for another screen, unless its owner has gone elsewhere meanwhile. */
export function leave(from: Route, screen: string, id = ""): void {
  if (route.value === from) goInstead(screen, id);
}

export function back(): void {
  if (history.length > 1) history.back();
  else go("today");
}
