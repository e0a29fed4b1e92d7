// Who is still there: asks those who have been silent, and closes those who do not answer, because a network that is
// gone says nothing. Only while something happens here, so that a quiet room may sleep. Knows no messages.

import type { Disposer } from "#core/base/disposable.ts";
import { closeCode } from "#core/room/close.ts";
import {
  answerMilliseconds,
  pulseMilliseconds,
  silenceMilliseconds,
  stockSilenceMilliseconds,
} from "#core/room/limits.ts";
import type { Connection } from "./connection.ts";
import type { RoomClock } from "./host.ts";

export interface PulseOptions {
  readonly clock: RoomClock;
  readonly connections: () => Iterable<Connection>;
  /** Runs a task when it is its turn. */
  readonly run: (task: () => void) => void;
}

export class Pulse {
  readonly #options: PulseOptions;
  #timer: Disposer | undefined;
  /** When the next look should be. */
  #due = 0;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Something happens: there is a look soon. */
  feel(): void {
    if (this.#timer !== undefined) return;
    const { clock, run } = this.#options;
    this.#due = clock.now() + pulseMilliseconds;
    this.#timer = clock.after(pulseMilliseconds, () => {
      this.#timer = undefined;
      run(() => this.#look());
    });
  }

  dispose(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #look(): void {
    const now = this.#options.clock.now();
    // The room itself was held up: what was said meanwhile still waits to be heard.
    const late = now - this.#due > pulseMilliseconds;
    let waits = false;
    for (const connection of this.#options.connections()) {
      const { asked, lastSign } = connection;
      if (asked !== undefined && lastSign < asked) {
        waits = true;
        if (late) connection.asked = now;
        else if (now - asked >= answerMilliseconds)
          connection.close(closeCode.tooSlow, "You did not answer any more: come back.");
      } else if (now - lastSign >= patience(connection)) {
        waits = true;
        connection.ask(now);
      }
    }
    if (waits) this.feel();
  }
}

/** A stock client that nobody sees may be silent for as long as it likes. */
function patience({ admission: { conch, client } }: Connection): number {
  if (conch) return silenceMilliseconds;
  return client === undefined ? Number.POSITIVE_INFINITY : stockSilenceMilliseconds;
}
