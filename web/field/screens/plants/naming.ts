// How plants and what is said of them are told in the worker's language.
import { type Candidate, type Key, OTHER, taxonOf } from "../../engine/plants.ts";
import { language, words } from "../../looks.ts";

interface Told {
  zh: string;
  en: string;
}

export function told(text: Told): string {
  return language.value === "en" ? text.en : text.zh;
}

export function taxonName(key: Key, code: string): string {
  const taxon = taxonOf(key, code);
  return taxon ? told(taxon) : words.value.plants.other;
}

/** A name from a model may be none of the key's: then it is told in Latin. */
export function candidateName(key: Key, candidate: Candidate): string {
  return candidate.taxon || !candidate.species ? taxonName(key, candidate.taxon || OTHER) : candidate.species;
}

export function percent(likelihood: number): string {
  return likelihood > 0 && likelihood < 0.01 ? "<1" : `${Math.round(likelihood * 100)}`;
}
