// WebAssembly tasks and cells that need no Linux: a namespace of /project, /task and a /tmp in memory, and a task table
// of its own. Made when it is first used.

import type { Fs } from "#machine/fs/fs.ts";
import { MemFs } from "#machine/fs/memfs.ts";
import { MountTable } from "#machine/fs/mount-table.ts";
import { TaskTable } from "#machine/task/task-table.ts";
import type { Programs } from "#machine/wasm/programs.ts";
import { TaskRunner } from "#machine/wasm/task-runner.ts";
import { WasmCells } from "#machine/wasm/wasm-cell.ts";
import { mountNumber } from "./mounts.ts";
import type { CellSpec, Task, TaskEvents, TaskSpec } from "#core/machine/machine.ts";

export interface WithoutGuestOptions {
  readonly programs: Programs;
  readonly project: Fs;
  /** What must be there before anything is read from /project. */
  readonly ready?: Promise<unknown>;
  readonly now?: () => number;
}

interface Parts {
  readonly tasks: TaskTable;
  readonly cells: WasmCells;
}

export class WithoutGuest {
  readonly #options: WithoutGuestOptions;
  #parts: Promise<Parts> | undefined;

  constructor(options: WithoutGuestOptions) {
    this.#options = options;
  }

  async spawn(spec: TaskSpec, events: TaskEvents): Promise<Task> {
    return (await this.#made()).tasks.spawn(spec, events);
  }

  async runCell(spec: CellSpec, events: TaskEvents): Promise<Task> {
    return (await this.#made()).cells.run(spec, events);
  }

  /** Ends every task with this sentence. What is spawned later starts anew. */
  async stop(reason: string): Promise<void> {
    const parts = this.#parts;
    this.#parts = undefined;
    (await parts?.catch(() => undefined))?.tasks.stop(reason);
  }

  #made(): Promise<Parts> {
    this.#parts ??= this.#make();
    return this.#parts;
  }

  async #make(): Promise<Parts> {
    const { programs, project, ready, now } = this.#options;
    await ready;
    const time = now === undefined ? {} : { now };
    const root = new MemFs(time);
    const scratch = new MemFs(time);
    for (const name of ["project", "task", "tmp"]) root.mkdir(root.root, name, 0o755);
    const namespace = new MountTable(root);
    const tasks = new TaskTable({ ...time, runner: new TaskRunner({ programs, namespace, ...time }) });
    await namespace.mount("/project", project, mountNumber.project);
    await namespace.mount("/task", tasks.fs, mountNumber.task);
    await namespace.mount("/tmp", scratch, mountNumber.scratch);
    const cells = new WasmCells({
      scratch,
      namespace,
      limits: programs.limits,
      spawn: (spec, events) => tasks.spawn(spec, events),
    });
    return { tasks, cells };
  }
}
