// `npm test`: everything that CI runs, in the order in which a mistake shows cheapest.
// Stops at the first step that fails; the last lines name the tests that failed and count them all.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ensureChromium } from "./chromium.ts";
import { failuresOf, type FileReport, run, runVitest } from "./vitest-run.ts";

async function step(name: string, command: string, ...args: readonly string[]): Promise<void> {
  const started = performance.now();
  process.stdout.write(`── ${name}\n`);
  const code = await run(command, ...args);
  process.stdout.write(`   ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  if (code !== 0) {
    process.stdout.write(
      `${name} failed: see above (to run it alone: npx ${[command, ...args].join(" ")})\n`,
    );
    process.exit(1);
  }
}

process.env["WRANGLER_SEND_METRICS"] = "false";

await step("format", "oxfmt", "--check", ".");
await step("types", "tsc", "-b");
await step("lint", "oxlint", "--deny-warnings");
await step("dead code", "knip", "--no-config-hints");
try {
  await ensureChromium();
} catch (thrown) {
  process.stdout.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exit(1);
}
await step("guest", process.execPath, "--import", "tsx", "rootfs/build.ts");
await step("client and server", process.execPath, "--import", "tsx", "scripts/build.ts");

const reports = await mkdtemp(join(tmpdir(), "conch-test-"));
const results = new Map<string, FileReport>();
const firstTries: string[] = [];
const errors: string[] = [];
for (const { project, secondTry } of [
  // What fails here only now and then, a fuzzer's find for one, is a finding.
  { project: "unit", secondTry: false },
  // Guests and browsers on a shared machine: in CI, a file that failed runs once more, alone, and the last lines say
  // what failed. It is a bug to hunt all the same.
  { project: "integration", secondTry: process.env["CI"] !== undefined },
  { project: "e2e", secondTry: process.env["CI"] !== undefined },
]) {
  process.stdout.write(`── ${project} tests\n`);
  const first = await runVitest(project, [], join(reports, `${project}.json`));
  for (const file of first.files) results.set(file.name, file);
  if (first.error !== undefined) errors.push(first.error);
  const failed = first.files.filter((file) => file.status === "failed");
  if (!secondTry || failed.length === 0) continue;
  process.stdout.write(`── ${project} tests that failed, once more\n`);
  firstTries.push(...failed.flatMap(failuresOf));
  const names = failed.map((file) => relative(process.cwd(), file.name));
  const second = await runVitest(project, names, join(reports, `${project}-again.json`));
  for (const file of second.files) results.set(file.name, file);
  if (second.error !== undefined) errors.push(second.error);
}
await rm(reports, { recursive: true, force: true });

const files = [...results.values()];
const failures = [...errors, ...files.filter((file) => file.status === "failed").flatMap(failuresOf)];
const tests = files.flatMap((file) => file.assertionResults);
const count = (...statuses: readonly string[]) =>
  tests.filter((test) => statuses.includes(test.status)).length;
for (const failure of firstTries) process.stdout.write(`failed at the first try: ${failure}\n`);
for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
process.stdout.write(
  `${count("passed")} passed, ${count("failed")} failed, ${count("skipped", "pending", "todo")} skipped\n`,
);
process.exit(failures.length > 0 || count("passed") === 0 ? 1 : 0);
