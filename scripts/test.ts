// `npm test`: everything that CI runs, in the order in which a mistake shows cheapest.
// Stops at the first step that fails; the last lines name the tests that failed and count them all.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ensureChromium } from "./chromium.ts";

function run(command: string, ...args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 1));
  });
}

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

/** What Vitest's JSON reporter writes of one file, as far as it is read here. */
interface FileReport {
  /** The file's absolute path. */
  readonly name: string;
  readonly status: "passed" | "failed";
  /** What failed outside of its tests: an import, a hook. */
  readonly message: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages: readonly string[] | null;
  }[];
}

interface Run {
  readonly files: readonly FileReport[];
  /** What went wrong outside of any file: an unhandled error, no report at all. */
  readonly error: string | undefined;
}

async function vitest(project: string, files: readonly string[], report: string): Promise<Run> {
  const code = await run(
    "vitest",
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...files,
  );
  if (!existsSync(report)) return { files: [], error: `${project}: no report, see above` };
  const { testResults } = JSON.parse(await readFile(report, "utf8")) as {
    testResults: readonly FileReport[];
  };
  const explained = code === 0 || testResults.some((file) => file.status === "failed");
  return {
    files: testResults,
    error: explained ? undefined : `${project}: an error outside of any test, see above`,
  };
}

/** One text for each failure of a file: its name, the test, the head of the message. */
function failuresOf(file: FileReport): string[] {
  const name = relative(process.cwd(), file.name);
  const tests = file.assertionResults
    .filter((test) => test.status === "failed")
    .map((test) => `${name} > ${test.fullName}\n${head((test.failureMessages ?? []).join("\n"))}`);
  return file.message === "" ? tests : [`${name}\n${head(file.message)}`, ...tests];
}

function head(message: string): string {
  return message
    .split("\n")
    .slice(0, 12)
    .map((line) => `    ${line}`)
    .join("\n");
}

process.env["PATH"] = `${join(process.cwd(), "node_modules/.bin")}:${process.env["PATH"] ?? ""}`;
process.env["WRANGLER_SEND_METRICS"] = "false";

await step("format", "oxfmt", "--check", ".");
await step("types", "tsc", "-b");
await step("lint", "oxlint", "--deny-warnings");
await step("dead code", "knip");
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
  const first = await vitest(project, [], join(reports, `${project}.json`));
  for (const file of first.files) results.set(file.name, file);
  if (first.error !== undefined) errors.push(first.error);
  const failed = first.files.filter((file) => file.status === "failed");
  if (!secondTry || failed.length === 0) continue;
  process.stdout.write(`── ${project} tests that failed, once more\n`);
  firstTries.push(...failed.flatMap(failuresOf));
  const names = failed.map((file) => relative(process.cwd(), file.name));
  const second = await vitest(project, names, join(reports, `${project}-again.json`));
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
