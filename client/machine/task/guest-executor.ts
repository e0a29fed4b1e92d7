// Tasks that are processes of the guest: its agent is asked to carry them out.

import type { TerminalSize } from "#core/machine/machine.ts";
import type { ExecutedTask, Executor } from "./executor.ts";
import type { AgentRequest } from "./inbox.ts";

export class GuestExecutor implements Executor {
  readonly #send: (request: AgentRequest) => void;
  readonly #verb: "start" | "warm";

  constructor(send: (request: AgentRequest) => void, verb: "start" | "warm") {
    this.#send = send;
    this.#verb = verb;
  }

  start({ id }: ExecutedTask): void {
    this.#send({ kind: this.#verb, task: id });
  }

  signal({ id }: ExecutedTask, signal: number): void {
    this.#send({ kind: "signal", task: id, signal });
  }

  resize({ id }: ExecutedTask, size: TerminalSize): void {
    this.#send({ kind: "winch", task: id, size });
  }

  line({ id }: ExecutedTask, text: string): void {
    this.#send({ kind: "line", task: id, text });
  }

  forget({ id }: ExecutedTask): void {
    this.#send({ kind: "forget", task: id });
  }
}
