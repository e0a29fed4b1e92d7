// The heartbeat: asks silent connections for a sign and closes those that do not answer, because a network that fails
// reports nothing. It runs only while something happens in the room, so that a quiet room may sleep. Knows no messages.

import type { Clock } from "#core/base/clock.ts";
import type { Disposer } from "#core/base/disposable.ts";
import { closeCode } from "#core/room/close.ts";
import {
  answerMilliseconds,
  heartbeatMilliseconds,
  silenceMilliseconds,
  stockSilenceMilliseconds,
} from "#core/room/limits.ts";
import type { Connection } from "./connection.ts";

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly connections: () => Iterable<Connection>;
  /** Runs a task when it is its turn. */
  readonly run: (task: () => void) => void;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: Disposer | undefined;
  /** When the next look should be, in milliseconds since 1970. */
  #due = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Something happens in the room: the silent connections are looked for soon. */
  schedule(): void {
    if (this.#timer !== undefined) return;
    const { clock, run } = this.#options;
    this.#due = clock.now() + heartbeatMilliseconds;
    this.#timer = clock.after(heartbeatMilliseconds, () => {
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
    // The room itself was late: what arrived meanwhile has not been read yet.
    const late = now - this.#due > heartbeatMilliseconds;
    let waits = false;
    for (const connection of this.#options.connections()) {
      const { state, lastSign } = connection;
      if (state.kind !== "joined") continue;
      const { liveness } = state;
      if (liveness.kind === "asked" && lastSign < liveness.at) {
        waits = true;
        if (late) connection.askedAgain(now);
        else if (now - liveness.at >= answerMilliseconds)
          connection.close(closeCode.tooSlow, "You did not answer any more: come back.");
      } else if (now - lastSign >= longestSilence(connection)) {
        waits = true;
        connection.ask(now);
      }
    }
    if (waits) this.schedule();
  }
}

/** In milliseconds. A stock client that nobody sees may be silent for as long as it likes. */
function longestSilence({ admission: { client }, speaksFrames }: Connection): number {
  if (speaksFrames) return silenceMilliseconds;
  return client === undefined ? Number.POSITIVE_INFINITY : stockSilenceMilliseconds;
}
