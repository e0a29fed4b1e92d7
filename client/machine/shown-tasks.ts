// The tasks that somebody looks at, in the order in which they were last used: what the machine has to say about a file
// that is missing is said where the person is who wanted it. A file system does not hear which program asks.

import { decodeUtf8Lossy, encodeUtf8 } from "#core/base/bytes.ts";
import type { OutputFd, Task, TaskEvents } from "#core/machine/machine.ts";

/** Bytes of the end of the output in which a line's end is looked for. */
const tailBytes = 32;
/** A shell says things to its terminal after the last line's end, which move nothing. */
// oxlint-disable-next-line no-control-regex -- terminals speak in control characters
const atLineStart = /\n(?:\r|\x1b\[[?0-9;]*[a-z])*$/i;

/** One task, with room for our lines between its output. */
export class ShownTask {
  readonly events: TaskEvents;
  readonly #events: TaskEvents;
  readonly #tty: boolean;
  readonly #onUse: (asker: ShownTask) => void;
  readonly #onEnd: (asker: ShownTask) => void;
  #lineStart = true;
  /** What has to be delivered before anything else is. */
  #before: Promise<void> | undefined;

  constructor(of: {
    readonly events: TaskEvents;
    readonly tty: boolean;
    readonly onUse: (asker: ShownTask) => void;
    readonly onEnd: (asker: ShownTask) => void;
  }) {
    this.#events = of.events;
    this.#tty = of.tty;
    this.#onUse = of.onUse;
    this.#onEnd = of.onEnd;
    this.events = { output: (fd, data) => this.#output(fd, data) };
  }

  /** The task, noticing when it is used. */
  attach(task: Task): Task {
    void task.exit.then(() => this.end());
    return {
      id: task.id,
      exit: task.exit,
      write: (data) => {
        this.#onUse(this);
        return task.write(data);
      },
      eof: () => task.eof(),
      resize: (size) => task.resize(size),
      signal: (name) => task.signal(name),
    };
  }

  end(): void {
    this.#onEnd(this);
  }

  /** A line of its own in the output. */
  tell(sentence: string): void {
    const lineEnd = this.#tty ? "\r\n" : "\n";
    void this.#output(
      this.#tty ? 1 : 2,
      encodeUtf8(`${this.#lineStart ? "" : lineEnd}${sentence}${lineEnd}`),
    );
  }

  /** One piece after the other, whoever it is from. */
  #output(fd: OutputFd, data: Uint8Array): void | Promise<void> {
    if (data.length > 0) this.#lineStart = atLineStart.test(decodeUtf8Lossy(data.subarray(-tailBytes)));
    const before = this.#before;
    const taken =
      before === undefined ? this.#events.output(fd, data) : before.then(() => this.#events.output(fd, data));
    if (taken === undefined) return undefined;
    const settled = taken.then(
      () => undefined,
      () => undefined,
    );
    this.#before = settled;
    void settled.then(() => {
      if (this.#before === settled) this.#before = undefined;
    });
    return taken;
  }
}

export class ShownTasks {
  /** The last used one last. */
  readonly #shown = new Set<ShownTask>();

  /** A task that is being started. */
  add(events: TaskEvents, tty: boolean): ShownTask {
    const asker = new ShownTask({
      events,
      tty,
      onUse: (used) => {
        if (this.#shown.delete(used)) this.#shown.add(used);
      },
      onEnd: (ended) => this.#shown.delete(ended),
    });
    this.#shown.add(asker);
    return asker;
  }

  /** To whoever was started or written to last; false where nothing runs. */
  tell(sentence: string): boolean {
    const latest = [...this.#shown].at(-1);
    latest?.tell(sentence);
    return latest !== undefined;
  }
}
