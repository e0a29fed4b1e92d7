// Who this browser's person is: made at the first visit, kept, editable.

import { newIdentity, personFromSeed, type Identity } from "#sync/person.ts";
import type { BrowserStore } from "./browser-store.ts";

export function identityOf(store: BrowserStore): Identity {
  const stored = store.identity();
  if (stored !== undefined) return { ...personFromSeed(stored.key), name: stored.name, color: stored.color };
  const made = newIdentity();
  store.setIdentity(made);
  return made;
}
