// Outside the hosts, nothing asks the runtime for time: every way to do so is tried once in each folder, and refused.

import { beforeAll, describe, expect, it } from "vitest";
import { refusedFiles } from "#test/harness/lint.ts";

const folders = ["core/project", "party", "client", "client/sync", "client/offline"];

const ways: Readonly<Record<string, string>> = {
  "date-now": "export const x = Date.now();",
  "date-now-passed": "export const x = Date.now;",
  "date-now-computed": 'export const x = Date["now"]();',
  "new-date": "export const x = new Date();",
  "date-called": "export const x = Date();",
  performance: "export const x = performance.now();",
  "set-timeout": "export const x = () => setTimeout(() => undefined, 1);",
  "set-timeout-global": "export const x = () => globalThis.setTimeout(() => undefined, 1);",
  "set-interval": "export const x = () => setInterval(() => undefined, 1);",
  "clear-timeout": "export const x = () => clearTimeout(1);",
  "abort-timeout": "export const x = () => AbortSignal.timeout(1);",
};

/** What only looks like it. */
const allowed: Readonly<Record<string, string>> = {
  "given-date": "export const x = (at: number) => new Date(at);",
  "given-clock": "export const x = (clock: { now(): number }) => clock.now();",
};

const fileOf = (folder: string, name: string): string => `${folder}/time-${name}.ts`;
let refused: ReadonlySet<string>;

beforeAll(async () => {
  const named = { ...ways, ...allowed };
  const files = folders.flatMap((folder) =>
    Object.entries(named).map(([name, text]) => [fileOf(folder, name), `${text}\n`] as const),
  );
  const host = ["core/base/system-clock.ts", `${ways["date-now"]}\n`] as const;
  refused = await refusedFiles(new Map([...files, host]), "clock");
}, 60_000);

describe.each(folders)("in %s", (folder) => {
  it.each(Object.keys(ways))("time that is not passed in is refused: %s", (way) => {
    expect(refused).toContain(fileOf(folder, way));
  });

  it.each(Object.keys(allowed))("is allowed: %s", (way) => {
    expect(refused).not.toContain(fileOf(folder, way));
  });
});

it("is taken from the runtime in one file", () => {
  expect(refused).not.toContain("core/base/system-clock.ts");
});
