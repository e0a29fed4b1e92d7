// One life of a machine: from its first file to its last task. It may begin before anybody wants it; then it gets as far
// as a restored guest that stands still, and says nothing.

import type { MachineState } from "#core/machine/machine.ts";

export class Lifetime {
  /** Settles when somebody wants the machine; rejects when it ends before that. */
  readonly whenRequested: Promise<void>;
  /** What it has got to. */
  state: MachineState = { kind: "fetching", loaded: 0, total: 0 };
  #isRequested = false;
  #release = (): void => undefined;
  #refuse = (_reason: Error): void => undefined;

  constructor() {
    this.whenRequested = new Promise((resolve, reject) => {
      this.#release = resolve;
      this.#refuse = reject;
    });
    // Whoever waits hears of it.
    this.whenRequested.catch(() => undefined);
  }

  get isRequested(): boolean {
    return this.#isRequested;
  }

  /** Somebody needs the machine. */
  request(): void {
    this.#isRequested = true;
    this.#release();
  }

  end(reason: string): void {
    this.#refuse(new Error(reason));
  }
}
