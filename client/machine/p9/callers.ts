// How our kernel tells on whose behalf a request comes: in I/O ports, just before it hands the request over (SPEC P9-29).

import type { Actor, Caller } from "#machine/fs/caller.ts";

/** As rootfs/kernel/9p-caller.patch has them. */
export const callerPorts = { process: 0x9fc, group: 0xa00, session: 0xa04, freed: 0xa08 } as const;

/** Tells the processes of one guest apart. */
export class Callers {
  /** What the guest writes to its ports. */
  readonly ports: ReadonlyMap<number, (value: number) => void>;
  readonly #actors = new Map<number, Actor>();
  readonly #numbers = { process: 0, group: 0, session: 0 };
  /** By process: most of a process' requests come from the same group and session. */
  readonly #callers = new Map<Actor, Caller>();

  constructor() {
    const numbers = this.#numbers;
    this.ports = new Map([
      [callerPorts.process, (value: number) => void (numbers.process = value)],
      [callerPorts.group, (value: number) => void (numbers.group = value)],
      [callerPorts.session, (value: number) => void (numbers.session = value)],
      [callerPorts.freed, (value: number) => this.#freed(value)],
    ]);
  }

  /** Undefined for the kernel itself: what it writes back by itself, it writes for nobody in particular. */
  get current(): Caller | undefined {
    const { process: number, group: groupNumber, session: sessionNumber } = this.#numbers;
    if (number === 0) return undefined;
    const process = this.#actor(number);
    const group = this.#actor(groupNumber);
    const session = this.#actor(sessionNumber);
    const known = this.#callers.get(process);
    if (known?.group === group && known.session === session) return known;
    const caller = { process, group, session };
    this.#callers.set(process, caller);
    return caller;
  }

  /** The caller, a session of cells, goes over to its next cell. */
  beginRun(): void {
    const caller = this.current;
    if (caller === undefined) return;
    caller.process.run++;
    if (caller.group !== caller.process) caller.group.run++;
  }

  #actor(number: number): Actor {
    const known = this.#actors.get(number);
    if (known !== undefined) return known;
    const actor = { ended: false, run: 0 };
    this.#actors.set(number, actor);
    return actor;
  }

  #freed(number: number): void {
    const actor = this.#actors.get(number);
    if (actor === undefined) return;
    actor.ended = true;
    this.#actors.delete(number);
    this.#callers.delete(actor);
  }
}
