// What axe-core finds wrong with a page as it stands, in both themes. Rules of every impact count.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What programs show in frames of their own is theirs: those frames have no access to axe, nor to the page. */
const options: RunOptions = { iframes: false, resultTypes: ["violations"] };

/**
 * One line for each fault: theme, impact, rule, element, and what is the matter. Empty where nothing is found.
 * `onTheme` may look at the page in each theme.
 */
export async function faultsOf(
  page: Page,
  onTheme: (theme: "light" | "dark") => Promise<void> = () => Promise.resolve(),
): Promise<readonly string[]> {
  await page.evaluate(`if (globalThis.axe === undefined) { ${source} }`);
  const faults: string[] = [];
  const before = await page.evaluate(() => document.documentElement.dataset["theme"]);
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.waitForFunction((wanted) => document.documentElement.dataset["theme"] === wanted, theme);
    // Editors and terminals take the new colours with the next frame.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    await onTheme(theme);
    const { violations } = await page.evaluate(
      (given) =>
        (globalThis as unknown as { axe: { run(with_: RunOptions): Promise<AxeResults> } }).axe.run(given),
      options,
    );
    for (const { id, impact, nodes } of violations)
      for (const { html, any, all, none } of nodes) {
        // A menu is of the page while it is open, and of no landmark.
        if (id === "region" && html.includes('role="menu"')) continue;
        const reason = [...any, ...all, ...none].map((check) => check.message).join(" ");
        faults.push(`${theme} ${impact ?? "minor"} ${id}: ${html.slice(0, 240)}: ${reason}`);
      }
  }
  if (before === "light" || before === "dark") await page.emulateMedia({ colorScheme: before });
  return faults;
}
