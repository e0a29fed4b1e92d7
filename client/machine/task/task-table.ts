// All tasks of a machine, and the /task file system through which the guest carries them. Knows no v86 and no 9P:
// the host calls methods, the guest's agent reads and writes files (SPEC.md).

import { FsError } from "#core/base/errno.ts";
import type { Fs } from "#machine/fs/fs.ts";
import type { TaskEvents, TaskSpec } from "#machine/machine.ts";
import { GuestTask } from "./guest-task.ts";
import { Inbox, type AgentRequest } from "./inbox.ts";
import { completeSpec } from "./task-spec.ts";
import { TreeFs } from "./tree-fs.ts";

export interface TaskTableOptions {
  readonly now?: () => number;
}

export interface SpawnOptions {
  /** The program takes control lines (SPEC INBOX-4). */
  readonly control?: boolean;
  /** Starts it to wait in the snapshot for a `spawn` of the same (SPEC INBOX-2). */
  readonly warm?: boolean;
}

export class TaskTable {
  /** To be mounted at /task. */
  readonly fs: Fs;
  /** Settles when the guest's agent first reads its inbox: from then on tasks start at once. */
  readonly attached: Promise<void>;
  readonly #tree: TreeFs;
  readonly #inbox: Inbox;
  readonly #tasks = new Map<number, GuestTask>();
  readonly #warm = new Set<number>();
  #lastId = 0;
  #stopped: string | undefined;

  constructor(options: TaskTableOptions = {}) {
    this.#tree = new TreeFs(options.now ?? Date.now);
    this.fs = this.#tree;
    let attach = (): void => undefined;
    this.attached = new Promise((resolve) => (attach = resolve));
    this.#inbox = new Inbox(() => attach());
    // First, so that its inode number is the same in every life: the agent's fid outlives a snapshot.
    this.#tree.top.file("inbox", { read: (_offset, count, interrupt) => this.#inbox.read(count, interrupt) });
  }

  /** Those that have not ended, oldest first. */
  get tasks(): readonly GuestTask[] {
    return [...this.#tasks.values()];
  }

  /** Throws FsError where the spec makes no sense; what goes wrong in the guest is told by the task's exit. */
  async spawn(spec: TaskSpec, events: TaskEvents, options: SpawnOptions = {}): Promise<GuestTask> {
    if (this.#stopped !== undefined) throw new FsError("ECANCELED", this.#stopped);
    const complete = completeSpec(spec, options.control === true);
    const id = ++this.#lastId;
    const directory = this.#tree.top.directory(String(id));
    try {
      const task = new GuestTask({
        id,
        spec: complete,
        events,
        directory,
        send: (request) => this.#send(request),
        onEnd: (ended) => this.#onEnd(ended),
      });
      this.#tasks.set(id, task);
      if (options.warm === true) this.#warm.add(id);
      this.#send({ kind: options.warm === true ? "warm" : "start", task: id });
      return task;
    } catch (error) {
      this.#tree.top.remove(String(id));
      throw error;
    }
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
    for (const task of this.tasks) task.lose(reason);
  }

  #send(request: AgentRequest): void {
    if (this.#stopped === undefined) this.#inbox.send(request);
  }

  #onEnd(task: GuestTask): void {
    this.#tasks.delete(task.id);
    this.#warm.delete(task.id);
    this.#tree.top.remove(String(task.id));
    this.#send({ kind: "forget", task: task.id });
  }
}
