// What axe finds on one screen after another, told together at the end. Pictures of them where somebody wants to look.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { faultsOf } from "#test/harness/axe.ts";
import type { WorkspacePage } from "./workspace-page.ts";

const pictures = process.env["CONCH_TEST_PICTURES"];

export class Screens {
  readonly #found = new Map<string, readonly string[]>();

  async look(name: string, { page }: Pick<WorkspacePage, "page">): Promise<void> {
    const faults = await faultsOf(page, async (theme) => {
      if (pictures === undefined) return;
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name.replaceAll(/\W+/g, "-")}-${theme}.png`) });
    });
    if (faults.length > 0) this.#found.set(name, faults);
  }

  expectNone(): void {
    expect(Object.fromEntries(this.#found)).toEqual({});
  }
}
