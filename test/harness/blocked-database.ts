// A database of the browser that neither answers nor fails, as when another tab stands in the way.

import type { Page } from "playwright-core";

/** From now on the database is being upgraded by a tab that another tab does not let: nobody can open it. */
export async function blockDatabase(page: Page, name: string): Promise<void> {
  await page.evaluate(
    (database) =>
      new Promise<void>((resolve) => {
        const holding = indexedDB.open(database);
        holding.addEventListener("success", () => {
          // A tab that does not hear that it should let go.
          holding.result.addEventListener("versionchange", () => undefined);
          indexedDB.open(database, 2).addEventListener("blocked", () => resolve());
        });
      }),
    name,
  );
}
