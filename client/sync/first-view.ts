// When there is a project to show for the first time: the room has answered, or this browser's copy is shown without it
// ([COPY-5]).

import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";

/** A server that neither answers nor fails is not waited for longer than this many milliseconds where there is a copy to show. */
const patienceMilliseconds = 3000;

interface Settle {
  readonly resolve: () => void;
  readonly reject: (refusal: Error) => void;
}

export class FirstView {
  /** Rejects with the refusal's sentence. */
  readonly ready: Promise<void>;
  readonly #hasCopy: boolean;
  readonly #stop: Disposer;
  #settle: Settle | undefined;

  /** `hasCopy`: the copy can be shown before the room has answered. */
  constructor(clock: Clock, hasCopy: boolean) {
    this.#hasCopy = hasCopy;
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever does not ask for it has the connection to tell.
    this.ready.catch(() => {});
    this.#stop = clock.after(patienceMilliseconds, () => this.unreachable());
  }

  /** The document is in step with the room's. */
  synced(): void {
    this.#end()?.resolve();
  }

  /** The room does not answer. */
  unreachable(): void {
    if (this.#hasCopy) this.#end()?.resolve();
  }

  /** There will be nothing to show; `reason` is a sentence. */
  refused(reason: string): void {
    this.#end()?.reject(new Error(reason));
  }

  #end(): Settle | undefined {
    this.#stop();
    const settle = this.#settle;
    this.#settle = undefined;
    return settle;
  }
}
