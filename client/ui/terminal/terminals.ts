// The terminals that this person has open, in the order they were opened. Outlives the panel that shows them.

import { signal, type ReadonlySignal } from "@preact/signals";
import type { Machine } from "#core/machine/machine.ts";
import { OwnTerminal } from "./own-terminal.ts";
import type { TerminalRelay } from "./relay.ts";

export interface TerminalsOptions {
  readonly machine: Pick<Machine, "spawn">;
  readonly relay: TerminalRelay;
  readonly newId: () => string;
}

export class Terminals {
  readonly #options: TerminalsOptions;
  readonly #own = signal<readonly OwnTerminal[]>([]);

  constructor(options: TerminalsOptions) {
    this.#options = options;
  }

  get own(): ReadonlySignal<readonly OwnTerminal[]> {
    return this.#own;
  }

  /** A new terminal with the lowest free number. Its shell starts when it is first shown. */
  open(): OwnTerminal {
    const { machine, relay, newId } = this.#options;
    const taken = new Set(this.#own.peek().map((terminal) => terminal.number));
    let number = 1;
    while (taken.has(number)) number += 1;
    const terminal = new OwnTerminal({ number, channel: newId(), machine, relay });
    this.#own.value = [...this.#own.peek(), terminal];
    return terminal;
  }

  close(terminal: OwnTerminal): void {
    this.#own.value = this.#own.peek().filter((other) => other !== terminal);
    terminal.close();
  }

  dispose(): void {
    for (const terminal of this.#own.peek()) terminal.close();
    this.#own.value = [];
  }
}
