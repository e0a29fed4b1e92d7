// Which folder may import which: every import between two rows of the table is made once, and refused or not.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { refusedFiles } from "#test/harness/lint.ts";

const rows = JSON.parse(readFileSync("scripts/lint/imports.json", "utf8")) as Readonly<
  Record<string, readonly string[]>
>;
const places = Object.keys(rows);
const packages = [...new Set(Object.values(rows).flat())].filter((name) => !isPlace(name));

/** The files with an import that the lint refuses. */
let refused: ReadonlySet<string>;

beforeAll(async () => {
  const files = new Map(imports().map(({ file, specifier }) => [file, importing(specifier)]));
  for (const [name, text] of Object.entries(spellings)) files.set(`core/base/spelling-${name}.ts`, text);
  refused = await refusedFiles(files, "boundaries");
}, 60_000);

/** Ways to write an import of core/project, which core/base may not have. */
const spellings: Readonly<Record<string, string>> = {
  subpath: 'import { x } from "#core/project/x.ts";\nexport const y = x;\n',
  relative: 'import { x } from "../project/x.ts";\nexport const y = x;\n',
  type: 'import type { X } from "../project/x.ts";\nexport type Y = X;\n',
  "inline type": 'export type Y = import("../project/x.ts").X;\n',
  "on demand": 'export const y = () => import("../project/x.ts");\n',
  "passed on": 'export { x } from "../project/x.ts";\n',
  "all passed on": 'export * from "../project/x.ts";\n',
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly file: string;
  readonly specifier: string;
  readonly allowed: boolean;
}

/** One import for each pair of a row with another row, and with a package. */
function imports(): readonly Import[] {
  const folders = places.filter((place) => extname(place) === "");
  return folders.flatMap((from) => {
    const allowed = rows[from] ?? [];
    const toPlaces = places
      .filter((to) => to !== from)
      .map((to) => {
        const target = extname(to) === "" ? `${to}/x.ts` : to;
        const isAllowed = allowed.some(
          (place) => target === place || target.startsWith(`${place}/`) || `${dirname(target)}/*` === place,
        );
        return { to, specifier: `${up(from)}${target}`, allowed: isAllowed };
      });
    const toPackages = packages.map((to) => {
      return { to, specifier: to.replace("*", "fs"), allowed: allowed.includes(to) };
    });
    return [...toPlaces, ...toPackages].map((each) => ({
      from,
      file: `${from}/${fileName(each.to)}.ts`,
      ...each,
    }));
  });
}

function isPlace(name: string): boolean {
  return /^(core|party|worker|client|rootfs|scripts|notebooks)(\/|$)/.test(name);
}

function up(folder: string): string {
  return "../".repeat(folder.split("/").length);
}

function fileName(imported: string): string {
  return `imports-${imported.replaceAll(/[^a-z0-9]+/gi, "-")}`;
}

function importing(specifier: string): string {
  return `import { x } from "${specifier}";\nexport const y = x;\n`;
}

describe("the table of imports", () => {
  it.each(places.filter((place) => extname(place) === ""))(
    "%s imports what its row says, and nothing else",
    (from) => {
      const made = imports().filter((each) => each.from === from);
      const wrong = made.filter(({ file, allowed }) => refused.has(file) === allowed).map(({ to }) => to);
      expect(wrong).toEqual([]);
      expect(made.filter(({ allowed }) => !allowed).length).toBeGreaterThan(0);
    },
  );

  it.each(Object.keys(spellings))("refuses an import however it is written: %s", (spelling) => {
    expect(refused).toContain(`core/base/spelling-${spelling}.ts`);
  });

  it("has a row for every folder that ARCHITECTURE.md lists", async () => {
    const lines = (await readFile("ARCHITECTURE.md", "utf8"))
      .split("\n")
      .filter((line) => /^\| `[a-z]/.test(line));
    const documented = lines.map((line) =>
      (/^\| `([^`]+)`/.exec(line)?.[1] ?? "").replace(/\/?(\*[^/]*)?$/, ""),
    );
    const missing = documented.filter(
      (folder) => !places.some((place) => place === folder || place.startsWith(folder)),
    );
    expect(missing).toEqual([]);
  });
});
