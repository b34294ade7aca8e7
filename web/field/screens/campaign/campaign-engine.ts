// The logic of XForms, large and without a face: a part of its own, fetched when a campaign first runs and kept from then on.
export { loadForm } from "@getodk/xforms-engine";

/** Where this part itself lies. */
export const ADDRESS = import.meta.url;
