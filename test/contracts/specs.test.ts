// Rules have numbers, and whoever quotes a number means a rule that stands in a SPEC.md.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const folders = ["core", "party", "worker", "client", "rootfs", "scripts", "test"];

const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(?:tsx?|md|c|h|py|bash|patch)$/.test(path))
    .map((path) => ({
      path: join(folder, path),
      text: readFileSync(join(root, folder, path), "utf8"),
    })),
);

/** `- [NB-1] …`, `- **NB-1** …` and `- **[NB-1]** …` begin a rule. */
const rules = files
  .filter(({ path }) => path.endsWith("SPEC.md"))
  .flatMap(({ path, text }) =>
    [...text.matchAll(/^- (?:\*\*)?\[?([A-Z][A-Z0-9]*-\d+)\]?(?:\*\*)? /gm)].map(([, number = ""]) => ({
      path,
      number,
    })),
  );
const numbers = new Set(rules.map(({ number }) => number));

it("no two rules have one number", () => {
  expect(rules.length).toBeGreaterThan(300);
  const twice = rules.filter(
    ({ number }, index) => rules.findIndex((other) => other.number === number) !== index,
  );
  expect(twice).toEqual([]);
});

it("every rule that is quoted exists", () => {
  const prefixes = new Set([...numbers].map((number) => number.replace(/-\d+$/, "")));
  const quoted = new RegExp(String.raw`(?<![\w-])(?:${[...prefixes].join("|")})-\d+(?![\w-])`, "g");
  const inTests = /(?<=\[)[A-Z][A-Z0-9]*-\d+(?=\])/g;
  const unknown = files.flatMap(({ path, text }) =>
    [...(text.match(quoted) ?? []), ...(path.includes(".test.") ? (text.match(inTests) ?? []) : [])]
      .filter((number) => !numbers.has(number))
      .map((number) => `${path} quotes ${number}`),
  );
  expect(unknown).toEqual([]);
});
