// `npm test`: everything that CI runs, in the order in which a mistake shows cheapest.
// Stops at the first step that fails; the last line counts the tests.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
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
const total = { passed: 0, failed: 0, skipped: 0 };
let failed = false;
for (const project of ["unit", "integration", "e2e"]) {
  process.stdout.write(`── ${project} tests\n`);
  const report = join(reports, `${project}.json`);
  const code = await run(
    "vitest",
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  );
  if (existsSync(report)) {
    const counts = JSON.parse(await readFile(report, "utf8")) as VitestReport;
    total.passed += counts.numPassedTests;
    total.failed += counts.numFailedTests;
    total.skipped += counts.numPendingTests;
  }
  if (code !== 0) failed = true;
}
await rm(reports, { recursive: true, force: true });
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exit(failed || total.passed === 0 ? 1 : 0);
