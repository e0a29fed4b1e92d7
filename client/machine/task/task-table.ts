// All tasks of a machine, and the /task file system through which they are made, seen and carried out. Knows no v86 and
// no 9P: the host calls methods, the guest reads and writes files (SPEC.md).

import { encodeUtf8 } from "#core/base/bytes.ts";
import { FsError } from "#core/base/errno.ts";
import type { BlobStore } from "#core/project/blobs.ts";
import type { Caller } from "#machine/fs/caller.ts";
import type { Fs } from "#machine/fs/fs.ts";
import type { TaskEvents, TaskKind, TaskSpec } from "#core/machine/machine.ts";
import { displayFile } from "./display-file.ts";
import { defaultDirectory, defaultEnvironment } from "./environment.ts";
import { execFile } from "./exec-file.ts";
import type { Executor } from "./executor.ts";
import { GuestExecutor } from "./guest-executor.ts";
import { Inbox, type AgentRequest } from "./inbox.ts";
import { ProgramExecutor } from "./program-executor.ts";
import type { ProgramRunner, ProxyProcess } from "./program-runner.ts";
import { addTaskFiles } from "./task-files.ts";
import { completeSpec, type CompleteSpec } from "./task-spec.ts";
import { type TreeFile, TreeFs } from "./tree-fs.ts";
import { TreeTask } from "./tree-task.ts";

export interface TaskTableOptions {
  readonly now?: () => number;
  /** Runs tasks that are no guest processes; without it they fail. */
  readonly runner?: ProgramRunner;
  /** The process of the guest whose request is under way. */
  readonly caller?: () => Caller | undefined;
  /** Keeps what is displayed; without it there is no display. */
  readonly blobs?: BlobStore;
  /** A session of cells fetches the source of its next cell, in a call of its own. */
  readonly onCell?: () => void;
}

export interface SpawnOptions {
  /** The program takes control lines (SPEC INBOX-4). */
  readonly control?: boolean;
  /** Starts it to wait in the snapshot for a `spawn` of the same (SPEC INBOX-2). */
  readonly warm?: boolean;
}

const kinds: readonly TaskKind[] = ["guest", "wasi", "gojs", "auto"];

/** Tasks that the tree made and nobody holds: this many may wait for their start, and this many are kept after their end. */
const looseMax = 64;

export class TaskTable {
  /** To be mounted at /task. */
  readonly fs: Fs;
  /** Settles when the guest's agent first reads its inbox: from then on tasks start at once. */
  readonly attached: Promise<void>;
  readonly #tree: TreeFs;
  readonly #inbox: Inbox;
  readonly #runner: ProgramRunner | undefined;
  readonly #blobs: BlobStore | undefined;
  readonly #onCell: () => void;
  /** Those that have a folder, oldest first. */
  readonly #tasks = new Map<number, TreeTask>();
  readonly #warm = new Set<number>();
  /** Those whose folder stays when they have ended. */
  readonly #kept = new Set<number>();
  #lastId = 0;
  #stopped: string | undefined;

  constructor(options: TaskTableOptions = {}) {
    this.#runner = options.runner;
    this.#blobs = options.blobs;
    this.#onCell = options.onCell ?? (() => undefined);
    this.#tree = new TreeFs(options.now ?? Date.now);
    this.fs = this.#tree;
    let attach = (): void => undefined;
    this.attached = new Promise((resolve) => (attach = resolve));
    this.#inbox = new Inbox(() => attach());
    // First, so that its inode number is the same in every life: the agent's fid outlives a snapshot.
    const { top } = this.#tree;
    top.file("inbox", { read: (_offset, count, interrupt) => this.#inbox.read(count, interrupt) });
    const folder = top.directory("new");
    for (const kind of kinds) folder.file(kind, this.#newFile(kind));
    top.file(
      "exec",
      execFile((spec, proxy) => this.#execute(spec, proxy), options.caller ?? (() => undefined)),
    );
    if (this.#blobs !== undefined) top.file("display", displayFile(this.#blobs));
  }

  /** Those that run or wait for their start, oldest first. */
  get tasks(): readonly TreeTask[] {
    return [...this.#tasks.values()].filter((task) => !task.ended);
  }

  /** Throws FsError where the spec makes no sense; what goes wrong in the guest is told by the task's exit. */
  async spawn(spec: TaskSpec, events: TaskEvents, options: SpawnOptions = {}): Promise<TreeTask> {
    const { kind = "guest", argv, tty, folders, cwd = defaultDirectory } = spec;
    // A program of the guest asks Linux where it is; a WebAssembly program can only be told, as a shell tells it.
    const place = kind === "guest" ? {} : { PWD: cwd };
    const complete = completeSpec({
      kind,
      argv,
      cwd,
      env: { ...defaultEnvironment, ...place, ...spec.env },
      control: options.control === true,
      ...(folders === undefined ? {} : { folders }),
      ...(tty === undefined ? {} : { tty }),
    });
    const warm = options.warm === true;
    const task = this.#add(kind, this.#executor(kind, warm), events);
    if (warm) this.#warm.add(task.id);
    task.start(complete);
    return task;
  }

  /**
   * Asks the agent to park (SPEC WAKE-1): the guest's console then says so, and no 9P request of ours is in flight. EBUSY while tasks other than warm ones live.
   */
  park(): void {
    const live = this.tasks.filter((task) => !this.#warm.has(task.id));
    if (live.length > 0) throw new FsError("EBUSY", `${live.length} tasks are running`);
    this.#send({ kind: "park" });
  }

  /** The machine stops: ends every task with this sentence, and refuses new ones. */
  stop(reason: string): void {
    this.#stopped ??= reason;
    this.#inbox.clear();
    for (const task of this.tasks) {
      task.signalNow(9);
      if (!task.ended) task.setStatus({ kind: "lost", reason });
    }
  }

  /** SPEC NEW-1, NEW-3. */
  #newFile(kind: TaskKind): TreeFile {
    return {
      open: {
        mode: 0o444,
        begin: () => {
          let task: TreeTask | undefined;
          return {
            read: (offset, count) => {
              task ??= this.#draft(kind);
              return encodeUtf8(`${task.id}\n`).subarray(offset, offset + count);
            },
            close: () => {
              if (task?.started === true) this.#forget(task);
            },
          };
        },
      },
    };
  }

  /** SPEC EXEC-1, EXEC-2. */
  #execute(spec: CompleteSpec, proxy: ProxyProcess): void {
    const { pid, calls } = proxy;
    const program = new ProgramExecutor(this.#runner, proxy);
    const executor: Executor = {
      start: (task) => program.start(task),
      // The process is what has handlers and a terminal: with it goes the program.
      signal: (_task, signal) => this.#send({ kind: "kill", pid, signal }),
      resize: () => undefined,
      line: () => program.line(),
      forget: () => program.forget(),
    };
    const task = this.#add(spec.kind, executor, { output: () => undefined });
    // Also where the machine stops: a worker that nobody ends would run on.
    void calls.closed.then(() => program.abandon());
    task.start(spec);
    if (!task.ended) task.setStatus({ kind: "running", pid });
  }

  #draft(kind: TaskKind): TreeTask {
    const loose = [...this.#kept].map((id) => this.#tasks.get(id)).filter((task) => task !== undefined);
    for (const group of [
      loose.filter((task) => !task.started && !task.ended),
      loose.filter((task) => task.ended),
    ])
      for (const task of group.slice(0, Math.max(0, group.length - looseMax + 1))) this.#forget(task);
    const task = this.#add(kind, this.#executor(kind, false));
    this.#kept.add(task.id);
    return task;
  }

  #executor(kind: TaskKind, warm: boolean): Executor {
    if (kind !== "guest") return new ProgramExecutor(this.#runner);
    return new GuestExecutor((request) => this.#send(request), warm ? "warm" : "start");
  }

  #add(kind: TaskKind, executor: Executor, events?: TaskEvents): TreeTask {
    if (this.#stopped !== undefined) throw new FsError("ECANCELED", this.#stopped);
    const id = ++this.#lastId;
    const directory = this.#tree.top.directory(String(id));
    const task = new TreeTask({
      id,
      kind,
      executor,
      directory,
      onEnd: (ended) => this.#onEnd(ended),
      onCell: this.#onCell,
      ...(events === undefined ? {} : { events }),
    });
    addTaskFiles({ task, directory, blobs: this.#blobs, forget: () => this.#forget(task) });
    this.#tasks.set(id, task);
    return task;
  }

  /** SPEC NEW-4: ends it if need be; the folder goes at once or with the end. */
  #forget(task: TreeTask): void {
    this.#kept.delete(task.id);
    if (task.ended) this.#remove(task);
    else task.terminate();
  }

  #send(request: AgentRequest): void {
    if (this.#stopped === undefined) this.#inbox.send(request);
  }

  #onEnd(task: TreeTask): void {
    this.#warm.delete(task.id);
    if (!this.#kept.has(task.id)) this.#remove(task);
  }

  #remove(task: TreeTask): void {
    this.#tasks.delete(task.id);
    this.#tree.top.remove(String(task.id));
  }
}
