// What the desk orders for a lost phone: everything that an account has here goes. With the last one the app itself goes, too.
import { type Account, accounts, forgetAccount, wipeAccount } from "../store/database.ts";

const OWN_CACHES = /^wangge-/;
/** Who has signed in on this phone is a table of its own. */
const DIRECTORY = "wangge-field";

interface Unregistering {
  unregister(): Promise<boolean>;
}

/** Gives those who still work on this phone. Sealed or not, nothing that was fetched for the account is left. */
export async function wipe(account: number): Promise<Account[]> {
  await wipeAccount(account);
  await forgetAccount(account);
  const left = await accounts();
  for (const name of await caches.keys()) {
    // The app's own parts are the same for everybody, and others need them without a signal.
    if (OWN_CACHES.test(name) && (!left.length || name === "wangge-later")) await caches.delete(name);
  }
  if (!left.length) {
    await deleteDirectory();
    await (await registered())?.unregister();
  }
  return left;
}

async function registered(): Promise<Unregistering | undefined> {
  const own = (self as unknown as { registration?: Unregistering }).registration;
  return own ?? (await navigator.serviceWorker?.getRegistration("/field/"));
}

function deleteDirectory(): Promise<void> {
  return new Promise((done) => {
    const asked = indexedDB.deleteDatabase(DIRECTORY);
    // Another page that is just reading it: it goes when that one has ended.
    asked.onsuccess = asked.onerror = asked.onblocked = () => done();
  });
}
