// Lints files that a test makes up, with the repository's own rules, in a folder of their own.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

/** Of the files, by path and text, those that this rule refuses. */
export async function refusedFiles(
  files: ReadonlyMap<string, string>,
  rule: string,
): Promise<ReadonlySet<string>> {
  const root = await mkdtemp(join(tmpdir(), "conch-lint-"));
  try {
    const config = await readFile(".oxlintrc.json", "utf8");
    // Rules that need types would want the whole project.
    await writeFile(join(root, ".oxlintrc.json"), config.replace('"typeAware": true', '"typeAware": false'));
    await cp("package.json", join(root, "package.json"));
    await cp("scripts/lint", join(root, "scripts/lint"), { recursive: true });
    await Promise.all(
      [...files].map(async ([file, text]) => {
        await mkdir(dirname(join(root, file)), { recursive: true });
        await writeFile(join(root, file), text);
      }),
    );
    const found = (await lint(root)).filter(({ code }) => code.includes(rule));
    return new Set(found.map(({ filename }) => filename));
  } finally {
    await rm(root, { recursive: true });
  }
}

function lint(root: string): Promise<readonly Diagnostic[]> {
  const oxlint = join(process.cwd(), "node_modules/.bin/oxlint");
  return new Promise((resolve, reject) => {
    execFile(oxlint, ["--format", "json"], { cwd: root, maxBuffer: 1 << 28 }, (_error, stdout) => {
      try {
        resolve((JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] }).diagnostics);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}
