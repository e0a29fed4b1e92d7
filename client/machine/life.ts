// One life of a machine: from its first file to its last task. It may begin before anybody wants it; then it gets as far
// as a restored guest that stands still, and says nothing.

import type { MachineState } from "#core/machine/machine.ts";

export class Life {
  /** Settles when somebody wants the machine; rejects when it ends before that. */
  readonly awaited: Promise<void>;
  /** What it has got to. */
  at: MachineState = { kind: "fetching", loaded: 0, total: 0 };
  #wanted = false;
  #release = (): void => undefined;
  #refuse = (_reason: Error): void => undefined;

  constructor() {
    this.awaited = new Promise((resolve, reject) => {
      this.#release = resolve;
      this.#refuse = reject;
    });
    // Whoever waits hears of it.
    this.awaited.catch(() => undefined);
  }

  get wanted(): boolean {
    return this.#wanted;
  }

  want(): void {
    this.#wanted = true;
    this.#release();
  }

  end(reason: string): void {
    this.#refuse(new Error(reason));
  }
}
