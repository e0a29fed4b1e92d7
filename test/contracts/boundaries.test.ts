// Which folder may import which: every import that the lint forbids is made once, and refused.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** What each folder of core may import of core, as in ARCHITECTURE.md. */
const coreImports: Readonly<Record<string, readonly string[]>> = {
  base: [],
  text: ["base"],
  notebook: ["base", "text"],
  project: ["base", "text", "notebook"],
  room: ["base", "auth"],
  auth: ["base"],
};

const folders = Object.keys(coreImports);
const pairs = folders.flatMap((from) =>
  folders.filter((to) => to !== from).map((to) => ({ from, to, allowed: coreImports[from]?.includes(to) })),
);

let root: string;
/** The files with an import that the lint refuses. */
let refused: ReadonlySet<string>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "conch-boundaries-"));
  const config = await readFile(".oxlintrc.json", "utf8");
  // Rules that need types would want the whole project.
  await writeFile(join(root, ".oxlintrc.json"), config.replace('"typeAware": true', '"typeAware": false'));
  for (const { from, to } of pairs) await put(`core/${from}/${to}.ts`, `#core/${to}/x.ts`);
  for (const from of folders)
    for (const outside of ["party", "worker", "machine", "sync", "ui", "rootfs", "scripts", "test"])
      await put(`core/${from}/outside-${outside}.ts`, `#${outside}/x.ts`);
  refused = await lint();
}, 60_000);

afterAll(() => rm(root, { recursive: true }));

async function put(path: string, specifier: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), `import { x } from "${specifier}";\nexport const y = x;\n`);
}

function lint(): Promise<ReadonlySet<string>> {
  const oxlint = join(process.cwd(), "node_modules/.bin/oxlint");
  return new Promise((resolve, reject) => {
    execFile(oxlint, ["--format", "json"], { cwd: root, maxBuffer: 1 << 26 }, (_error, stdout) => {
      try {
        const { diagnostics } = JSON.parse(stdout) as {
          diagnostics: readonly { readonly code: string; readonly filename: string }[];
        };
        const imports = diagnostics.filter(({ code }) => code.includes("no-restricted-imports"));
        resolve(new Set(imports.map(({ filename }) => filename)));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}

describe("the folders of core", () => {
  it.each(pairs)("core/$from imports core/$to: allowed $allowed", ({ from, to, allowed }) => {
    expect(refused.has(`core/${from}/${to}.ts`)).toBe(!allowed);
  });

  it.each(folders)("core/%s imports nothing outside of core", (from) => {
    const files = [...refused].filter((file) => file.startsWith(`core/${from}/outside-`));
    expect(files).toHaveLength(8);
  });
});
