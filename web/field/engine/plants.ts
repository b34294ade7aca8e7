// The key to plants on the phone: the twin of `campaigns/rules/plants_key.py`, held to the same answers by
// `tests/campaigns/data/plants_key_vectors.json`; and what is arithmetic in asking a model of pictures.
export interface State {
  code: string;
  zh: string;
  en: string;
}

export interface Trait {
  code: string;
  /** How often whoever looks is mistaken. */
  error: number;
  stages: string[];
  zh: string;
  en: string;
  hint_zh: string;
  hint_en: string;
  states: State[];
}

export interface Taxon {
  code: string;
  latin: string;
  zh: string;
  en: string;
  family: string;
  prohibited: boolean;
  most_against: number;
  /** By trait and state, how often the species shows itself so. */
  shares: Record<string, Record<string, number>>;
}

export interface Key {
  format: number;
  version: string;
  least_likely: number;
  against_below: number;
  least_gain: number;
  stages: string[];
  traits: Trait[];
  taxa: Taxon[];
}

/** Traits that were seen, and how each showed itself. */
export type Answers = Record<string, string>;

export interface Likelihood {
  taxon: string;
  likelihood: number;
  /** So many of the answers speak against it. */
  against: number;
}

export interface Candidate {
  /** Scientific; empty for "some other plant". */
  species: string;
  likelihood: number;
  taxon: string;
}

export interface Opinion {
  identifier: string;
  version: string;
  ranked: Candidate[];
  /** Species that may not be grown and are not ruled out. */
  attention: string[];
}

/** "Some other plant", of which nothing is known. */
export const OTHER = "other";
const MOST_RANKED = 8;

/** The answers that this key knows: those of another version of it say nothing here. */
export function knownAnswers(key: Key, answers: Answers): Answers {
  const knows = ([code, state]: [string, string]): boolean =>
    key.traits.some((trait) => trait.code === code && trait.states.some((each) => each.code === state));
  return Object.fromEntries(Object.entries(answers).filter(knows));
}

/** Every species and "other", the likeliest first; the likelihoods add up to 1. */
export function likelihoods(key: Key, answers: Answers): Likelihood[] {
  const seen = Object.entries(knownAnswers(key, answers)).map(
    ([code, state]) => [traitOf(key, code), state] as const,
  );
  const weights = new Map<string, number>();
  for (const taxon of key.taxa) {
    let weight = 1;
    for (const [trait, state] of seen) weight *= chance(taxon, trait, state);
    weights.set(taxon.code, weight);
  }
  let other = 1;
  for (const [trait] of seen) other *= 1 / trait.states.length;
  weights.set(OTHER, other);
  let total = 0;
  for (const weight of weights.values()) total += weight;
  const found = key.taxa.map((taxon) => ({
    taxon: taxon.code,
    likelihood: (weights.get(taxon.code) ?? 0) / total,
    against: seen.filter(([trait, state]) => speaksAgainst(key, taxon, trait.code, state)).length,
  }));
  found.push({ taxon: OTHER, likelihood: other / total, against: 0 });
  return found.sort((one, another) => another.likelihood - one.likelihood); // equals stay in the table's order
}

function traitOf(key: Key, code: string): Trait {
  const found = key.traits.find((trait) => trait.code === code);
  if (!found) throw new Error(`no trait ${code}`);
  return found;
}

export function taxonOf(key: Key, code: string): Taxon | undefined {
  return key.taxa.find((taxon) => taxon.code === code);
}

/** How often somebody who looks at this species gives this answer. */
function chance(taxon: Taxon, trait: Trait, state: string): number {
  const byMistake = 1 / trait.states.length;
  const known = taxon.shares[trait.code];
  return known ? (1 - trait.error) * (known[state] ?? 0) + trait.error * byMistake : byMistake;
}

function speaksAgainst(key: Key, taxon: Taxon, trait: string, state: string): boolean {
  const known = taxon.shares[trait];
  return known !== undefined && (known[state] ?? 0) < key.against_below;
}

/** Species that may not be grown and that these answers leave possible, so few of them being against it. */
export function notRuledOut(key: Key, found: Likelihood[]): string[] {
  const watched = new Map(
    key.taxa.filter((taxon) => taxon.prohibited).map((taxon) => [taxon.code, taxon.most_against]),
  );
  return found
    .filter(({ taxon, likelihood, against }) => {
      const most = watched.get(taxon);
      return most !== undefined && (likelihood >= key.least_likely || against <= most);
    })
    .map(({ taxon }) => taxon);
}

export interface Question {
  trait: string;
  /** How much its answer tells, in bits. */
  gain: number;
}

/**
 * The trait whose answer tells most about the species; none when no look is worth while. With `stage` only what can be seen on
 * a plant of that stage is asked for; `unseen` are traits that could not be seen.
 */
export function nextQuestion(
  key: Key,
  answers: Answers,
  stage = "",
  unseen: readonly string[] = [],
): Question | null {
  const likely = new Map(likelihoods(key, answers).map((each) => [each.taxon, each.likelihood]));
  let best: Question | null = null;
  for (const trait of key.traits) {
    const isOpen = !(trait.code in answers) && !unseen.includes(trait.code);
    if (!isOpen || (stage && !trait.stages.includes(stage))) continue;
    const gain = gainOf(key, trait, likely);
    if (!best || gain > best.gain) best = { trait: trait.code, gain };
  }
  return best && best.gain >= key.least_gain ? best : null;
}

/** The mutual information of the trait's answer and the species, in bits. */
function gainOf(key: Key, trait: Trait, likely: ReadonlyMap<string, number>): number {
  let gain = 0;
  for (const state of trait.states) {
    const chances = key.taxa.map((taxon): [string, number] => [taxon.code, chance(taxon, trait, state.code)]);
    chances.push([OTHER, 1 / trait.states.length]);
    let overall = 0;
    for (const [code, each] of chances) overall += (likely.get(code) ?? 0) * each;
    for (const [code, each] of chances) {
      if (each) gain += (likely.get(code) ?? 0) * each * Math.log2(each / overall);
    }
  }
  return gain;
}

/** What the key says of a plant that shows itself so. */
export function opinionOfKey(key: Key, answers: Answers): Opinion {
  const found = likelihoods(key, answers);
  const ranked = found.slice(0, MOST_RANKED).map(({ taxon, likelihood }) => ({
    species: taxonOf(key, taxon)?.latin ?? "",
    likelihood,
    taxon,
  }));
  return { identifier: "key", version: key.version, ranked, attention: notRuledOut(key, found) };
}

/** What a model of pictures is, as the installation's card tells a phone. */
export interface Card {
  name: string;
  version: string;
  sha256: string;
  bytes: number;
  labels: string[];
  width: number;
  height: number;
  mean: number[];
  deviation: number[];
  layout: string;
  output: string;
}

/** The opinion of a model that gives scientific names with scores; names of one species are added up. */
export function opinionOfNames(key: Key, card: Card, scores: ArrayLike<number>): Opinion {
  const sums = new Map<string, Candidate>();
  for (const [place, name] of card.labels.entries()) {
    const taxon = taxonNamed(key, name);
    const species = taxon?.latin ?? name;
    const likelihood = Math.min(1, Math.max(0, scores[place] ?? 0) + (sums.get(species)?.likelihood ?? 0));
    sums.set(species, { species, likelihood, taxon: taxon?.code ?? "" });
  }
  const ranked = [...sums.values()].sort((one, other) => other.likelihood - one.likelihood);
  const isProhibited = (code: string): boolean => taxonOf(key, code)?.prohibited === true;
  return {
    identifier: "model",
    version: `${card.name} ${card.version}`.slice(0, 60),
    ranked: ranked.slice(0, MOST_RANKED),
    attention: ranked
      .filter((each) => isProhibited(each.taxon) && each.likelihood >= key.least_likely)
      .map((each) => each.taxon),
  };
}

/** The species of a scientific name, whatever stands behind genus and epithet. */
function taxonNamed(key: Key, latin: string): Taxon | undefined {
  const short = (name: string): string =>
    name.toLowerCase().replaceAll("_", " ").trim().split(/\s+/).slice(0, 2).join(" ");
  return key.taxa.find((taxon) => short(taxon.latin) === short(latin));
}

/** The part of a picture that has the model's proportions: its middle. */
export function middleOf(
  width: number,
  height: number,
  card: Card,
): { x: number; y: number; width: number; height: number } {
  const scale = Math.min(width / card.width, height / card.height);
  const [wide, high] = [card.width * scale, card.height * scale];
  return { x: (width - wide) / 2, y: (height - high) / 2, width: wide, height: high };
}

/** Pixels as the model was trained on them: channels around their means, in its order. `rgba` is a picture of the card's size. */
export function numbersOf(rgba: ArrayLike<number>, card: Card): Float32Array {
  const pixels = card.width * card.height;
  const numbers = new Float32Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const value = (rgba[pixel * 4 + channel] ?? 0) / 255;
      const place = card.layout === "NCHW" ? channel * pixels + pixel : pixel * 3 + channel;
      numbers[place] = (value - (card.mean[channel] ?? 0)) / (card.deviation[channel] ?? 1);
    }
  }
  return numbers;
}

/** What the model gives, as likelihoods. It throws where the model does not fit its card. */
export function chancesOf(said: ArrayLike<number>, card: Card): number[] {
  const values = Array.from(said);
  if (values.length !== card.labels.length || !values.every(Number.isFinite))
    throw new Error("not of its card");
  if (card.output !== "logits") return values.map((each) => Math.min(1, Math.max(0, each)));
  const most = Math.max(...values);
  const powers = values.map((each) => Math.exp(each - most));
  const total = powers.reduce((sum, each) => sum + each, 0);
  return powers.map((each) => each / total);
}
