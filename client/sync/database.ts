// IndexedDB with promises, as far as the local copy of a project needs it. Knows nothing of projects.

import { type Clock, within } from "#core/base/clock.ts";
import { systemClock } from "#core/base/system-clock.ts";

/** Milliseconds after which storage that has not answered is not waited for: a page shall open all the same. */
export const storagePatience = 8000;

/** The browser's storage neither answers nor fails. */
export class SilentStorage extends Error {
  override readonly name = "SilentStorage";

  constructor() {
    super("The browser's storage does not answer.");
  }
}

/** As the promise settles; rejects with SilentStorage where it takes too long. */
export function answered<T>(asked: Promise<T>, clock: Clock = systemClock): Promise<T> {
  return within(clock, storagePatience, asked, () => new SilentStorage());
}

/** Settles with the result of one request. */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("The request failed.")));
  });
}

/** Settles when everything in the transaction is stored, or none of it. */
export function endOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(transaction.error ?? new Error("The transaction was aborted."));
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", fail);
    transaction.addEventListener("error", fail);
  });
}

/** Rejects where the browser has no such storage, refuses it, or does not answer. */
export function openDatabase(
  name: string,
  version: number,
  upgrade: (database: IDBDatabase) => void,
  clock: Clock = systemClock,
): Promise<IDBDatabase> {
  let late = false;
  const opening = new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.addEventListener("upgradeneeded", () => upgrade(request.result));
    request.addEventListener("success", () => {
      // Nobody waits for it any more, and open it would stand in the way of others.
      if (late) request.result.close();
      else resolve(request.result);
    });
    request.addEventListener("error", () => reject(request.error ?? new Error("It cannot be opened.")));
    request.addEventListener("blocked", () => reject(new Error("Another tab holds an older form of it.")));
  });
  return answered(opening, clock).catch((thrown: unknown) => {
    late = true;
    throw thrown;
  });
}

/** Resolves in any case: what cannot be deleted was never there, or goes when the last tab lets go of it. */
export function deleteDatabase(name: string): Promise<void> {
  const deleting = new Promise<void>((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    for (const type of ["success", "error", "blocked"]) request.addEventListener(type, () => resolve());
  });
  return answered(deleting).catch(() => undefined);
}
