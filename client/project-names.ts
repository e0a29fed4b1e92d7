// What the projects that this browser knows are called now. Their rooms say so: somebody may have renamed one while this
// browser was elsewhere.

import type { BrowserStore, KnownProject } from "./browser-store.ts";
import { askProject } from "./http.ts";

/** Asks for each project, and remembers the names that have changed. Settles when all have answered or failed. */
export async function readNames(store: BrowserStore): Promise<void> {
  await Promise.all(store.projects().map((project) => readName(store, project)));
}

async function readName(store: BrowserStore, { id, token }: KnownProject): Promise<void> {
  // Opened by a sign-in alone: then it is in the account's list.
  if (token === "") return;
  try {
    const { name } = await askProject(id, token);
    // It may have been forgotten, or opened, meanwhile.
    const known = store.project(id);
    if (known !== undefined && known.name !== name) store.remember({ ...known, name });
  } catch {
    // Offline, or not let in any more: it keeps the name that it had.
  }
}
