// The terminals that this person has open, in the order they were opened. Outlives the panel that shows them.

import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Machine } from "#machine/machine.ts";
import { OwnTerminal } from "./own-terminal.ts";
import type { TerminalRelay } from "./relay.ts";

/** A terminal as the others are told of it: the awareness field `terminals` holds a list of these. */
export interface OfferedTerminal {
  readonly channel: string;
  readonly title: string;
  readonly cols: number;
  readonly rows: number;
}

export interface TerminalsOptions {
  readonly machine: Pick<Machine, "spawn">;
  readonly relay: TerminalRelay;
  readonly newId: () => string;
}

export class Terminals {
  readonly #options: TerminalsOptions;
  readonly #own = signal<readonly OwnTerminal[]>([]);

  /** For presence. */
  readonly offered: ReadonlySignal<readonly OfferedTerminal[]> = computed(() =>
    this.#own.value.map(({ channel, title, size }) => ({ channel, title, ...size.value })),
  );

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
