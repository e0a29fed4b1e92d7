// Runs tests many times, to find those that fail only now and then: `npm run test:repeat -- e2e --times 10 --load 2
// [FILE…]`. Prints every failure with the run that it was in; exits 1 where there was one.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { failuresOf, runVitest } from "./vitest-run.ts";

const usage = `usage: npm run test:repeat -- unit|integration|e2e [--times N] [--load N] [FILE…]
  --times N  how often the tests run (10)
  --load N   processes that keep a core busy each meanwhile (0)`;

const { project, files, times, load } = argumentsOrUsage();
const reports = await mkdtemp(join(tmpdir(), "conch-repeat-"));
const busy = Array.from({ length: load }, keepCoreBusy);
process.on("exit", stop);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

const failures: string[] = [];
let slowest = 0;
for (let run = 1; run <= times; run++) {
  process.stdout.write(`── run ${run} of ${times}\n`);
  const started = performance.now();
  const { files: reported, error } = await runVitest(project, files, join(reports, `${run}.json`));
  slowest = Math.max(slowest, performance.now() - started);
  const found = [...(error === undefined ? [] : [error]), ...reported.flatMap(failuresOf)];
  failures.push(...found.map((failure) => `run ${run}: ${failure}`));
}
await rm(reports, { recursive: true, force: true });

for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
process.stdout.write(
  `${times} runs, ${failures.length} failures, the longest run ${(slowest / 1000).toFixed(1)} s\n`,
);
process.exit(failures.length > 0 ? 1 : 0);

function argumentsOrUsage(): Arguments {
  try {
    return readArguments();
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n${usage}\n`);
    return process.exit(2);
  }
}

interface Arguments {
  readonly project: string;
  readonly files: readonly string[];
  readonly times: number;
  readonly load: number;
}

function readArguments(): Arguments {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { times: { type: "string", default: "10" }, load: { type: "string", default: "0" } },
  });
  const [project, ...files] = positionals;
  if (project === undefined || !["unit", "integration", "e2e"].includes(project))
    throw new Error("which tests? unit, integration or e2e");
  return { project, files, times: count(values.times, 1), load: count(values.load, 0) };
}

function count(text: string, least: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least)
    throw new Error(`${text} is no whole number from ${least} on`);
  return number;
}

function keepCoreBusy(): ChildProcess {
  return spawn(process.execPath, ["--eval", "for (;;);"], { stdio: "ignore" });
}

function stop(): void {
  for (const child of busy) child.kill();
}
