// Sends what waits for everybody who has worked on this phone, locked or not: the sending key opens the queue without a PIN
// (docs/decisions/0006). And hears, when nobody has unlocked it, that the phone is to be wiped.
import { type Account, accounts, fact, openAccount } from "../store/database.ts";
import { entries } from "../store/outbox.ts";
import { forgetTracks } from "../store/tracks.ts";
import { NoAnswer } from "../wire/ask.ts";
import { isToBeWiped, lastPush, push, tellWiped } from "../wire/sync.ts";
import { wipe } from "../wire/wiping.ts";

/** What pages are told, so that they show what is so. */
export type News = { sent: number } | { wiped: number };

/** Rejects while something could not be sent, and the browser asks again. `asked`: a page wants to know how this phone stands. */
export async function sendAll(tell: (news: News) => Promise<void>, asked: boolean): Promise<void> {
  const faults: unknown[] = [];
  for (const account of await accounts()) {
    // Waits its turn: a page that sends at this moment may be closed before it has sent all.
    await navigator.locks.request(`wangge-push-${account.id}`, async () => {
      const fault = await sendFor(account, tell, asked).catch((problem: unknown) => problem);
      if (fault) faults.push(fault);
    });
  }
  if (faults.length) throw faults[0];
}

async function sendFor(
  account: Account,
  tell: (news: News) => Promise<void>,
  asked: boolean,
): Promise<unknown> {
  const database = await openAccount(account.id);
  let fault: unknown = null;
  let device = "";
  try {
    device = (await fact(database, "device")) ?? "";
    await forgetTracks(database, Date.now());
    const waits = (await entries(database)).some((each) => each.state === "waiting");
    if (!waits && !asked) return null;
    try {
      // The browser asks again for what stays.
      if (waits && (await push(database))) fault = new NoAnswer("photos wait for Wi-Fi");
    } catch (problem) {
      fault = problem;
    }
    await tell({ sent: account.id });
    if (!device || !(await isToBeWiped(device))) return fault;
    // What could not be sent for want of a signal, or because the server is busy, is not lost to an order.
    if (!(await lastPush(database))) return fault ?? new NoAnswer("not all was answered");
  } finally {
    database.close();
  }
  await wipe(account.id);
  await tell({ wiped: account.id });
  await tellWiped(device).catch(() => {});
  return null;
}
