// IndexedDB with promises, as far as the local copy of a project needs it. Knows nothing of projects.

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

/** Rejects where the browser has no such storage, or refuses it. */
export function openDatabase(
  name: string,
  version: number,
  upgrade: (database: IDBDatabase) => void,
): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.addEventListener("upgradeneeded", () => upgrade(request.result));
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("It cannot be opened.")));
    request.addEventListener("blocked", () => reject(new Error("Another tab holds an older form of it.")));
  });
}

/** Resolves in any case: what cannot be deleted was never there, or goes when the last tab lets go of it. */
export function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.deleteDatabase(name);
      for (const type of ["success", "error", "blocked"]) request.addEventListener(type, () => resolve());
    } catch {
      resolve();
    }
  });
}
