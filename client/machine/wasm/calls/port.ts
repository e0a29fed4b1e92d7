// Calls as messages, each with an answer of its own: for programs that go on computing while they wait.

import type { Errno, FsError } from "#core/base/errno.ts";
import { errorOf, failureOf, performCall, type ProgramSystem, systemCalls } from "./calls.ts";

export interface CallMessage {
  readonly program: "call";
  readonly id: number;
  readonly call: readonly unknown[];
}

export interface AnswerMessage {
  readonly program: "answer";
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: Errno;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: FsError) => void;
}

/** The program's end: calls that all give promises. */
export class PortCalls {
  readonly system: ProgramSystem;
  readonly #post: (message: CallMessage) => void;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(post: (message: CallMessage) => void) {
    this.#post = post;
    const system: Record<string, (...values: readonly unknown[]) => Promise<unknown>> = {};
    for (const name of systemCalls) system[name] = (...values) => this.#call([name, ...values]);
    // Each method passes its call on as it is: the types are those of System.
    this.system = system as unknown as ProgramSystem;
  }

  /** Calls that have no answer yet. */
  get pending(): number {
    return this.#waiting.size;
  }

  receive({ id, value, failure }: AnswerMessage): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (failure === undefined) waiting?.resolve(value);
    else waiting?.reject(errorOf(failure));
  }

  #call(call: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      this.#post({ program: "call", id, call });
    });
  }
}

/** The machine's end. */
export async function answerCall(system: ProgramSystem, { id, call }: CallMessage): Promise<AnswerMessage> {
  try {
    return { program: "answer", id, value: await performCall(system, call) };
  } catch (thrown) {
    return { program: "answer", id, failure: failureOf(thrown) };
  }
}
