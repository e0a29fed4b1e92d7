// A machine under Node for tests of tasks, terminals and cells in the real guest. Knows nothing of what they prove.

import * as Y from "yjs";
import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import { MemoryBlobStore } from "#core/project/blobs.ts";
import { Project } from "#core/project/project.ts";
import type { CellSpec, ExitStatus, Task, TaskSpec } from "#core/machine/machine.ts";
import { createNodeMachine, type NodeMachine } from "#machine/node.ts";
import { buildGuest } from "#rootfs/build.ts";
import { until } from "./until.ts";

export const size = { cols: 80, rows: 24 };

/** A first start may have to build the guest, where CONCH_TEST_GUEST does not name one. */
export const buildLimit = 1_200_000;

/** A busy test machine may starve the guest. */
export const printLimit = 60_000;

/** A started task and what it has printed: standard output, or everything of a terminal. */
export class Running {
  readonly task: Task;
  readonly #printed: { out: string; err: string };

  constructor(task: Task, printed: { out: string; err: string }) {
    this.task = task;
    this.#printed = printed;
  }

  get out(): string {
    return this.#printed.out;
  }

  get err(): string {
    return this.#printed.err;
  }

  type(text: string): Promise<void> {
    return this.task.write(encodeUtf8(text));
  }

  async printed(text: string): Promise<void> {
    await until(JSON.stringify(text), () => this.out.includes(text), printLimit);
  }
}

export class TaskGuest {
  readonly machine: NodeMachine;
  readonly project: Project;
  readonly blobs: MemoryBlobStore;
  readonly consoleLines: string[];

  private constructor(parts: Pick<TaskGuest, "machine" | "project" | "blobs" | "consoleLines">) {
    this.machine = parts.machine;
    this.project = parts.project;
    this.blobs = parts.blobs;
    this.consoleLines = parts.consoleLines;
  }

  static async start(): Promise<TaskGuest> {
    const project = new Project(new Y.Doc());
    const blobs = new MemoryBlobStore();
    const consoleLines: string[] = [];
    const machine = createNodeMachine({
      product: process.env["CONCH_TEST_GUEST"] ?? (await buildGuest()),
      project,
      blobs,
      onConsole: (line) => consoleLines.push(line),
    });
    await machine.start();
    return new TaskGuest({ machine, project, blobs, consoleLines });
  }

  async spawn(argv: readonly string[], spec: Partial<TaskSpec> = {}): Promise<Running> {
    const printed = { out: "", err: "" };
    const task = await this.machine.spawn(
      { argv, ...spec },
      { output: (fd, data) => void (printed[fd === 1 ? "out" : "err"] += decodeUtf8Lossy(data)) },
    );
    return new Running(task, printed);
  }

  async run(
    argv: readonly string[],
    spec: Partial<TaskSpec> = {},
  ): Promise<ExitStatus & { out: string; err: string }> {
    const running = await this.spawn(argv, spec);
    const exit = await running.task.exit;
    return { ...exit, out: running.out, err: running.err };
  }

  async cell(source: string, spec: Partial<CellSpec> = {}): Promise<Running> {
    const printed = { out: "", err: "" };
    const task = await this.machine.runCell(
      { kind: "sh", session: "notebook", source, tty: size, ...spec },
      { output: (_fd, data) => void (printed.out += decodeUtf8Lossy(data)) },
    );
    return new Running(task, printed);
  }

  async runCell(source: string, spec: Partial<CellSpec> = {}): Promise<{ code: number; out: string }> {
    const running = await this.cell(source, spec);
    const { code } = await running.task.exit;
    return { code, out: running.out };
  }
}
