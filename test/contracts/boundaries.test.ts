// Which folder may import which: every import between two rows of the table is made once, and refused or not.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const rows = JSON.parse(readFileSync("scripts/lint/imports.json", "utf8")) as Readonly<
  Record<string, readonly string[]>
>;
const places = Object.keys(rows);
const packages = [...new Set(Object.values(rows).flat())].filter((name) => !isPlace(name));

let root: string;
/** The files with an import that the lint refuses. */
let refused: ReadonlySet<string>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "conch-boundaries-"));
  const config = await readFile(".oxlintrc.json", "utf8");
  // Rules that need types would want the whole project.
  await writeFile(join(root, ".oxlintrc.json"), config.replace('"typeAware": true', '"typeAware": false'));
  await cp("package.json", join(root, "package.json"));
  await cp("scripts/lint", join(root, "scripts/lint"), { recursive: true });
  await Promise.all(imports().map(({ file, specifier }) => put(file, specifier)));
  for (const [name, text] of Object.entries(spellings)) await put(`core/base/spelling-${name}.ts`, "", text);
  refused = await lint();
}, 60_000);

afterAll(() => rm(root, { recursive: true }));

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

async function put(
  file: string,
  specifier: string,
  text = `import { x } from "${specifier}";\nexport const y = x;\n`,
) {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), text);
}

function lint(): Promise<ReadonlySet<string>> {
  const oxlint = join(process.cwd(), "node_modules/.bin/oxlint");
  return new Promise((resolve, reject) => {
    execFile(oxlint, ["--format", "json"], { cwd: root, maxBuffer: 1 << 28 }, (_error, stdout) => {
      try {
        const { diagnostics } = JSON.parse(stdout) as {
          diagnostics: readonly { readonly code: string; readonly filename: string }[];
        };
        const outside = diagnostics.filter(({ code }) => code.includes("boundaries"));
        resolve(new Set(outside.map(({ filename }) => filename)));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
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
