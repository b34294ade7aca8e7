// What a department asks at a door, and what is said there. The reply goes with the visit; without one the question stays.
export interface Asks {
  answer: string;
  words: string[];
  /** On what it stands. */
  basis: string;
  /** Which department asks. */
  zh: string;
  en: string;
}

export interface Reply {
  said: string;
  /** They would not answer. */
  declined: boolean;
}

export interface Asked {
  /** The errand's. */
  id: string;
  question: string;
  text: string;
  asks: Asks;
}

const LONGEST = 120;
const NUMBER = /^-?[0-9]{1,9}(\.[0-9]{1,2})?$/;

/** What may be chosen; of a number or a line nothing. */
export function optionsOf({ answer, words }: Asks): string[] {
  if (answer === "yes_no") return ["yes", "no"];
  return answer === "words" ? words : [];
}

/** As it is sent: digits of a Chinese keyboard are digits, too. Empty when nothing was said. */
function cleaned(asks: Asks, said: string): string {
  const text = said.trim();
  return asks.answer === "number" ? text.normalize("NFKC").replaceAll(" ", "") : text.slice(0, LONGEST);
}

function fits(asks: Asks, said: string): boolean {
  const options = optionsOf(asks);
  if (options.length) return options.includes(said);
  return asks.answer === "number" ? NUMBER.test(said) : said !== "";
}

/**
 * What a visit says of the questions that its screen showed: the replies; `left`, the errands without one; and `faulty`,
 * questions of which what stands there cannot be a reply. A draft may hold what was said to a question that is no more.
 */
export function repliesSaid(
  asked: readonly Asked[],
  given: Readonly<Record<string, Reply>>,
): {
  replies: { question: string; said?: string; declined?: true }[];
  left: string[];
  faulty: string[];
} {
  const found: ReturnType<typeof repliesSaid> = { replies: [], left: [], faulty: [] };
  for (const { id, question, asks } of asked) {
    const reply = given[question];
    const said = reply && !reply.declined ? cleaned(asks, reply.said) : "";
    if (reply?.declined) found.replies.push({ question, declined: true });
    else if (!said) found.left.push(id);
    else if (fits(asks, said)) found.replies.push({ question, said });
    else found.faulty.push(question);
  }
  return found;
}
