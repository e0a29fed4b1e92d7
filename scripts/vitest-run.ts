// Runs Vitest and reads its report: which files failed, and how.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** Runs a command of node_modules or the PATH with our own output; its exit code, 1 where a signal ended it. */
export function run(command: string, ...args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        PATH: `${join(process.cwd(), "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
      },
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 1));
  });
}

/** What Vitest's JSON reporter writes of one file, as far as it is read here. */
export interface FileReport {
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

/** Runs a project of vitest.config.ts, or some files of it. `report` is where the JSON report goes. */
export async function runVitest(project: string, files: readonly string[], report: string): Promise<Run> {
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
export function failuresOf(file: FileReport): string[] {
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
